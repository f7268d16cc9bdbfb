# How days, hours and numbers are written, and words that stand in many sentences.
#
# The form of these files is Project Fluent's. Every message of one language is in the other, with the same parts and the same
# facts; a test compares them with each other and with the source.

quoted = { $words }

a-number = { $number }

an-amount = { $amount } { $currency }

a-long-day = { $iso }

a-day = { $iso }

a-time = { $iso_time }

a-day-and-time = { $iso } { $iso_time }

a-moment = { $iso } { $iso_time } { $zone ->
    [UTC] UTC
   *[other] { $zone } ({ $utc } UTC)
}


a-midnight = midnight at the end of { $iso } { $zone ->
    [UTC] UTC
   *[other] { $zone } ({ $utc } UTC)
}

midnight-of = midnight at the end of { $iso }

the-end-of-a-day = midnight

some-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}

some-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}

some-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}

less-than-a-minute = less than a minute

a-percentage = { $percent } %

gate-moment = { $at ->
   *[other] { $exact }
}

period-starts = { $at ->
   *[other] { $short }
}

period-ends = { $on ->
   *[other] { $short }
}
