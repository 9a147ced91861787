"""Of each check of personal data an issue that it minds, and one that it does not; all made up."""

from __future__ import annotations

from checks.bench import Example, article

EXAMPLES = {
    "nhs_number": (
        Example(article("Bring her number, 943 476 5919, to the clinic.")),
        Example(article("Call 0113 496 0000, and join with the meeting ID 943 476 5919.")),
    ),
    "national_insurance": (
        Example(article("He wrote AB 12 34 56 C on the form.")),
        Example(article("An example is QQ 12 34 56 C. The course code is LS123456.")),
    ),
    "birth_date": (
        Example(article("Jo, born on 3rd April 2015, is known to the team.")),
        Example(article("Children born between 1 September 2021 and 31 August 2022 can start school in 2026.")),
    ),
    "mobile_number": (
        Example(article("Text [Sam](tel:+447700900123) about it.")),
        Example(article("Call [the front door](tel:+441134960000), or 0800 1111.")),
    ),
    "personal_address": (
        Example(article("Write to [Jane](mailto:jane.smith@gmail.com).")),
        Example(article("Write to jane.smith@leeds.example.org, never from a @gmail.com address.")),
    ),
    "postcode": (
        Example(article("Flowers go to Jane Smith, 4 Elm Road, LS7 4AB.")),
        Example(article("We meet at Merrion House, 110 Merrion Centre, Leeds LS2 8BB. Ask for Jane Smith.")),
    ),
    "case_detail": (
        Example(article("We spoke of Child A, aged 7, and her school.")),
        Example(article("For children aged 5 to 11, under-5s and 13- to 17-year-olds; see the review of Child A.")),
    ),
}
