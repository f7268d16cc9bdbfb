# Le tableau de bord, sur l’accès privé.

board-title = Tableau de bord

board-sales = Les ventes

board-no-sales = Aucune vente n’est encore appliquée.

board-coming = Les sept prochains jours

board-no-coming = Il ne se passe rien dans les sept prochains jours.

board-told = Qui a été prévenu

board-no-told = Aucun envoi n’est encore parti.

board-wrong = Ce qui ne va pas

board-all-well = Tout va bien.

board-to-do = À faire :

board-since = depuis le

board-season = La saison

board-letters = Les courriels tels qu’ils seront

board-no-letters = Aucun courriel n’est à venir.

board-preview = La page publique à un instant donné

board-preview-hint = Ce que tout le monde verra alors. Regarder ne change rien.

board-which = Quelle page

board-at = Quand

board-show = Montrer

board-list = La liste des ventes

board-sale = Vente

board-mailing = Envoi

board-state = État

board-when = Quand

board-waiting = en attente

board-read-only = Cette page ne fait que montrer. Ce qui est à faire se fait avec les commandes de carillon.

board-skip = Aller au contenu

board-back = Retour au tableau de bord

board-shown-at = Telle qu’on la verra le

board-page-frame = La page publique à ce moment-là

board-opens = ouvre le

board-open-until = ouverte jusqu’au

board-ended = finie le

board-letter-frame = courriel `{ $mailing }` ({ $language })

board-law-unread = Les dates légales ne peuvent pas être lues, donc la saison n’est pas montrée : { $why }

board-no-store = La base ne répond pas en ce moment. Réessayez dans un instant ; `carillon doctor` en dit plus.

board-nothing-there = Rien ne porte ce nom.

board-no-instant = Ce n’est pas un jour suivi d’une heure.

board-unwritable = Ce courriel ne peut pas être écrit ; `carillon campaign check` dit pourquoi.

board-stopped = arrêté : le relais l’a refusé

board-seen-by = vu par { $who }

board-filed = { $count ->
    [one] { $count } fichier dans un dossier : personne n’a reçu de courriel
   *[other] { $count } fichiers dans un dossier : personne n’a reçu de courriel
}

board-in-doubt = { $count ->
    [one] { $count } en doute
   *[other] { $count } en doute
}

board-outbox = les courriels ne partent pas : ils sont écrits dans `{ $folder }`

board-outbox-remedy = écrivez `transport = "smtp"` sous `[mail]` dans la configuration, avec le relais sous `[mail.smtp]`, puis relancez le service

board-severity = { $word ->
    [critical] grave
   *[warning] à regarder
}
