# Ce qui est dit d’une personne, et d’une longue liste de personnes en cours de route.

progress = { $rows ->
    [one] { $rows } ligne
   *[other] { $rows } lignes
}, { $rate } par seconde

progress-left = { $rows ->
    [one] { $rows } ligne
   *[other] { $rows } lignes
}, { $rate } par seconde, { $percent } %, encore { $left }

who-line = ligne { $line } : { $why }

member-consent = accord     { $consent } depuis le { $since }

member-barred = exclue     { $cause }, depuis le { $since } ; seule la personne peut revenir

member-renewal = suite      courriel { $state } ; l’accord prend fin le { $ends }

member-renewal-sent = suite      courriel { $state }, remis le { $at } ; l’accord prend fin le { $ends }

method-staff = boutique ({ $who })

term-ledger-action = { $key ->
    [requested] demande
    [confirm-mail-sent] courriel de confirmation
    [confirmed] accord
    [refreshed] accord renouvelé
    [withdrawn] désinscription
    [objected] opposition
    [complained] plainte
    [bounced-dead] boîte inexistante
    [expired] accord expiré
    [erased] effacement
    [rectified] rectification
    [paused] pause
    [resumed] fin de pause
   *[other] { $word }
}

term-method = { $key ->
    [double-optin-post] bouton de confirmation
    [one-click-post] lien de désinscription
    [page-post] page de la boutique
    [mailto] courriel de désinscription
    [arf] plainte reçue
    [dsn] courrier revenu
    [expiry-job] fin du délai
    [departures-record] registre des départs
    [import-double-optin] importé : confirmé par un lien
    [import-web-form] importé : formulaire en ligne
    [import-in-store-form] importé : formulaire en boutique
    [import-paper-form] importé : formulaire papier
   *[other] { $word }
}

term-cause = { $word ->
    [dead] boîte inexistante
    [erased] effacement demandé
    [withdrawn] désinscription
    [objected] opposition
    [complained] plainte
   *[other] { $word }
}

term-renewal-state = { $word ->
    [waiting] en attente
    [handed-over] remis
    [sent] parti
    [in-doubt] en doute
    [refused] refusé
   *[other] { $word }
}

term-bounce-class = { $word ->
    [address-dead] adresse morte
    [domain-dead] domaine mort
    [mailbox-full] boîte pleine
    [mailbox-disabled] boîte fermée
    [policy-sender] expéditeur mal vu
    [policy-content] contenu mal vu
    [too-big] trop gros
    [infra-temporary] panne passagère
    [expired] essayé trop longtemps
    [unknown] inconnu
   *[other] { $word }
}

term-retention-clock = { $word ->
    [sign-ups] inscriptions
    [addresses] adresses
    [delivery-log] courriels
    [renewals] renouvellements
    [consents] accords
    [proof] preuves
   *[other] { $word }
}

term-returned-kind = { $word ->
    [failure] échec
    [delay] retard
    [delivered] remis
    [complaint] plainte
    [not-spam] pas indésirable
    [auth-failure] identité refusée
    [unsubscribe] désinscription
    [auto-reply] réponse automatique
    [other] autre chose
   *[none] { $word }
}

term-bounce-effect = { $word ->
    [dead] adresse abandonnée
    [dead-if-twice] abandonnée la deuxième fois
    [soft] compte une fois
    [soft-double] compte deux fois
    [ours] cela vient de nous
   *[other] { $word }
}
