"""Given names as the UK gives them, from many languages, by which a person's name is told from that of a place."""

from __future__ import annotations

# Names that are as often a place, a month, a saint or a word (Victoria, Chelsea, May, Grace, Mercy) are left out.
GIVEN = frozenset(
    """
    aaliyah aaron abbie abdul abdullah abigail adaeze adam adele adrian agnieszka ahmed aidan aisha aishah alan
    albert aleksandra alex alexander alexandra alfie ali alice alicia alisha alison amanda amara amber amelia amelie
    amina aminah amir amira amy ana andrea andreea andrew andrzej aneta angela anita ann anna anne annie anthony
    antonia anya archie aria ariana arjun arlo arthur asha ashley asif asma ava ayaan ayesha ayla aziz barbara barry
    beata beatrice becky ben benjamin bernadette beth bethany betty bilal billy bobby bogdan brandon brenda brian
    bridget bronwyn bryony caitlin callum camila cara carl carla carol caroline catherine catriona cerys charles
    charlie charlotte chiara chidi chinedu chloe chris christina christine christopher ciara claire clara clare
    colin connor courtney craig cristina daisy damian daniel danielle danny daria darren david dawid dawn debbie
    deborah deepak denise dennis derek diana diane dominic donna doris dorota dorothy duncan dylan eleanor elena
    elif elijah elise elizabeth ella ellen ellie elliot eloise elsie emeka emily emma eric erin ester ethan eva evan
    eve evelyn evie ewa ezra faisal faith farah farhan fatima fatimah fatou finley finn fiona florence frances
    francesca francis frank frankie fraser freddie freya gabriel gabriela gareth gary gavin gemma geoff geoffrey
    georgia georgina gerald gillian giulia glen gordon graham grzegorz gurpreet habib hafsa hamza hana hannah hannan
    haris harjit harpreet harriet harrison harry hassan heather helen henry hilary hollie hussain ian ibrahim idris
    imogen imran ioana iqra irene iris isaac isabel isabella isabelle isla ismail iwona jack jackie jacob jacqueline
    jade jake jamal james jamie jan jane janet janice jasmeen jasmin jasmine jason jaspreet jaxon jayda jayden jean
    jeanette jeff jeffrey jennifer jenny jenson jeremy jess jessica jill jim joan joanna joanne joe joel johanna
    john jon jonathan jordan joseph josephine josh joshua joyce juan jude judith julia julian julie justin justyna
    kadija kai kamal kamran karen karim karolina kasia katarzyna kate katherine kathleen kathryn kathy katie katy
    kayden kayla kaylee kayleigh keira keith kelly ken kenneth kerry kevin khadija khalid kian kiera kieran kim
    kimberley kiran kirsty krystyna kulvinder kwame kyle lacey laila lara laura lauren layla leah leanne lee leila
    leo leon leona lesley leslie lewis lexi leyla liam lily linda lindsay lisa lola lorna lorraine louis louisa
    louise luca lucas lucy luke lydia lynn lynne maciej maddison madison magdalena mahmoud maisie malcolm malgorzata
    manjit marcin marek margaret maria mariam marian marie marion mark marta martha martin martyn mary maryam mateo
    mateusz matilda matthew maureen max maya megan mehmet melanie melissa mia michael michal michelle miguel mike
    mila millie mo mohamed mohammad mohammed moira molly monica monika morgan moses muhammad mustafa myra nabeel
    nadia nancy naomi nasreen natalia natalie natasha nathan nathaniel neil nevaeh niall niamh nicholas nick nico
    nicola nicole nigel nikki nina noah noor nora nosheen oliver olivia ollie olu omar onyeka oscar osman owen paige
    pamela parveen patricia patrick patryk paul paula pauline pawel penelope penny peter phil philip phoebe phyllis
    piotr pooja poppy priti priya rachael rachel rahul raj rajesh ranjit rashid ravi raymond razia rebecca reece
    reggie reuben rhian rhiannon rhys richard riley rita robert roger ronald ronnie rory rosa rosemary rosie roxana
    roya ruby rukhsana rupert russell ruth ryan saba sabrina sadia safiya saima sally sam samantha samina samira
    samuel sandra sanjay sara sarah scott sean sebastian seema shabana shahid shamim shane shannon sharon shaun
    shazia sheila shirley siobhan sofia sonia sophia sophie stella stephanie stephen steve steven stewart stuart sue
    sumaira summer sunil susan susanna suzanne syed sylvia szymon tahir tamara tamsin tanya tara tariq tasnim teddy
    tendai teresa terry tessa thandiwe theo theresa thomas tiffany tim timothy tina toby tom tomasz tommy tony
    tracey tracy trevor tyler tyrone uzma valerie vanessa vera veronica vicky vikram vincent violet vivian waleed
    wanda wayne wendy wojciech yasmin yasmine yolanda yousef yusra yusuf yvette yvonne zachary zack zahra zain
    zainab zak zara zayn zoe zofia zoya zuzanna
    """.split()  # noqa: SIM905  a list of words reads best as one
)
