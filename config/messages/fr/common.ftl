# Comment s’écrivent les jours, les heures et les nombres, et les mots qui servent à plusieurs phrases.
#
# Le format est celui de Project Fluent. Chaque message existe dans les deux langues, avec les mêmes parties et les mêmes
# données ; un test compare les fichiers entre eux et avec le programme. Devant « : », « ; », « ! », « ? » et à l’intérieur des
# guillemets, écrivez une espace insécable.

quoted = { $words }

a-number = { $number }

an-amount = { $amount } { $currency ->
    [EUR] €
   *[other] { $currency }
}

weekday = { $weekday ->
    [1] lundi
    [2] mardi
    [3] mercredi
    [4] jeudi
    [5] vendredi
    [6] samedi
   *[7] dimanche
}

month = { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
}

first-or-number = { $day ->
    [1] 1er
   *[other] { $day }
}

hour-of-day = { $second ->
    [0] { hour-and-minute }
   *[other] { $hour } h { $minutes } min { $second } s
}

hour-and-minute = { $minute ->
    [0] { $hour } h
   *[other] { $hour } h { $minutes }
}

a-long-day = { weekday } { first-or-number } { month } { $year }

a-day = { first-or-number } { month } { $year }

a-time = { hour-of-day }

a-day-and-time = { weekday } { first-or-number } { month } { $year } à { hour-of-day }

a-moment = { weekday } { first-or-number } { month } { $year } à { hour-of-day } ({ $zone })

a-midnight = { weekday } { first-or-number } { month } { $year } à minuit ({ $zone })

midnight-of = { weekday } { first-or-number } { month } { $year } à minuit

the-end-of-a-day = minuit

some-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}

some-hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}

some-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}

less-than-a-minute = moins d’une minute

season-name = { $season ->
    [winter] hiver
    [summer] été
   *[other] { $season }
}

a-percentage = { $percent } %

gate-moment = { $at }

period-starts = { $at }

period-ends = { $on }
