# Les mots qui figurent seuls dans les tableaux. `word` est la forme des fichiers, du JSON et de la base, `key` la même sans espace ni point.

column-id = n°

column-setting = réglage

column-value = valeur

column-from = d’où

column-campaign = campagne

column-gate = vente

column-mails = envois

column-opens = ouvre

column-closes = ferme

column-when = quand

column-what = quoi

column-sku = référence

column-price = prix

column-prior = prix de référence

column-off = réduction

column-verdict = verdict

column-reason = raison

column-next-change = prochain changement

column-next = ensuite

column-title = titre

column-mailing = envoi

column-member = membre

column-state = état

column-tries = essais

column-next-in = ensuite ({ $zone })

column-said = ce qui a été dit

column-planned = prévus

column-accepted = acceptés

column-refused = refusés

column-skipped = écartés

column-expired = périmés

column-in-doubt = en doute

column-waiting = en attente

column-copies = exemplaires

column-market = marché

column-kind = genre

column-season = saison

column-name = nom

column-starts = commence

column-first-day = premier jour

column-last-day = dernier jour

column-basis = fondement

column-confidence = certitude

column-relied-on = utilisée par

column-compare = à comparer avec

column-rules = règles

column-zone = fuseau

column-note = note

column-severity = gravité

column-since-in = depuis ({ $zone })

column-until-in = jusqu’à ({ $zone })

column-acknowledged-by = vu par

column-what-to-do = que faire

column-pseudonym = pseudonyme

column-address = adresse

column-language = langue

column-list = liste

column-people = personnes

column-reached = à qui l’on peut écrire

column-since = depuis

column-draft = brouillon

column-edition-of = prochaine édition de

column-expires = expire

column-line = ligne

column-occurred = survenu

column-action = acte

column-method = méthode

column-source = source

column-wording = phrase

column-came-back = revenu

column-class = classe

column-status = statut

column-it-said = ce qu’il disait

column-outcome = résultat

column-at = le

column-clock = délai

column-kept-for = gardé

column-due = échus

column-today = aujourd’hui

column-next-due = prochaine échéance

column-then = alors

column-file = fichier

column-effect = effet

column-code = code

column-it-says = ce qu’il dit

column-rule = règle

column-grade = gravité

column-certain = certitude

column-law = loi

term-stage = { $word ->
    [upcoming] à venir
    [open] ouverte
    [over] terminée
    [cancelled] annulée
   *[other] { $word }
}

term-mailing-state = { $word ->
    [planned] prévu
    [sending] en cours
    [finished] terminé
    [missed] manqué
    [cancelled] annulé
    [set-aside] mis de côté
   *[other] { $word }
}

term-delivery-state = { $word ->
    [queued] en attente
    [claimed] réservé
    [handed-over] remis
    [accepted] accepté
    [deferred] reporté
    [refused] refusé
    [in-doubt] en doute
    [expired] périmé
    [skipped] écarté
   *[other] { $word }
}

term-deliveries = { $word ->
    [queued] { $count } en attente
    [claimed] { $count } en préparation
    [handed-over] { $count } en cours de remise
    [accepted] { $count ->
        [one] { $count } accepté
       *[other] { $count } acceptés
    }
    [deferred] { $count ->
        [one] { $count } reporté
       *[other] { $count } reportés
    }
    [refused] { $count ->
        [one] { $count } refusé
       *[other] { $count } refusés
    }
    [expired] { $count ->
        [one] { $count } périmé
       *[other] { $count } périmés
    }
    [skipped] { $count ->
        [one] { $count } écarté
       *[other] { $count } écartés
    }
    [in-doubt] { $count } en doute
   *[other] { $count } { $word }
}

term-audience = { $word ->
    [public] ouverte à tous
    [open-members] réservée à un club ouvert
    [closed-group] réservée à un groupe fermé
    [personal] prix personnels
   *[other] { $word }
}

term-channel = { $word ->
    [online] en ligne
    [store] en magasin
   *[other] { $word }
}

term-period-kind = { $word ->
    [sale] soldes
    [blackout] période protégée
   *[other] { $word }
}

term-season = { $word ->
    [winter] hiver
    [summer] été
    [first] premiers
    [second] seconds
   *[other] { $word }
}

term-confidence = { $word ->
    [low] faible
    [medium] moyenne
    [high] bonne
   *[other] { $word }
}

term-verdict = { $word ->
    [ok] permis
    [forbidden] interdit
    [not-required] sans objet
    [review] à vous de trancher
   *[other] { $word }
}

term-consent = { $word ->
    [requested] demandé
    [confirmed] confirmé
    [withdrawn] désinscrit
    [expired] expiré
    [dead] boîte inexistante
    [erased] effacé
   *[other] { $word }
}

term-severity = { $word ->
    [warning] attention
    [critical] grave
   *[other] { $word }
}

term-action = { $key ->
    [campaign-applied] a appliqué la campagne
    [campaign-approved] a approuvé la campagne
    [campaign-cancelled] a annulé la campagne
    [campaign-dismissed] a écarté un brouillon
    [campaign-held] a suspendu la campagne
    [campaign-paused] a mis la campagne en pause
    [campaign-proposed] a proposé la prochaine édition
    [campaign-refused] a refusé d’approuver la campagne
    [campaign-released] a relancé la campagne
    [campaign-resumed] a repris la campagne
    [campaign-submitted] a demandé d’appliquer la campagne
    [campaign-unwaived] a retiré une dérogation
    [campaign-waived] a dérogé à une règle
    [clock-confirmed] a confirmé l’heure
    [delivery-resolved] a tranché sur un courriel en doute
    [departures-entered] a inscrit des départs
    [departures-lost] a continué sans le registre des départs
    [departures-replayed] a rejoué des départs
    [list-deleted] a supprimé une liste
    [list-extended] a mis des membres sur une liste
    [list-reduced] a retiré des membres d’une liste
    [mailing-begun] a commencé un envoi
    [mailing-expired] a laissé périmer des courriels
    [mailing-finished] a terminé un envoi
    [mailing-missed] a manqué un envoi
    [mailing-retried] a relancé un envoi
    [mailing-stopped] a arrêté un envoi
    [member-erased] a effacé un membre
    [member-exported] a exporté un dossier
    [member-imported] a importé des membres
    [price-corrected] a corrigé un prix
    [prices-imported] a importé des prix
    [problem-acknowledged] a vu un problème
    [retention-ran] a supprimé ce qui devait l’être
    [store-put-back] a remis en place une sauvegarde
    [store-restored] a constaté une restauration
    [store-vouched] a répondu de la base de données
   *[other] { $word }
}

term-basis = { $key ->
    [published] publiée
    [start-published] début publié
    [computed] calculée
   *[other] { $word }
}

term-gate-state = { $word ->
    [open] ouverte
    [closed] fermée
   *[other] { $word }
}
