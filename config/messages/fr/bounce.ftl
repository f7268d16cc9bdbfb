# Ce que devient le courrier qui revient, et combien il en est revenu.

bounce-nothing = rien ne découle de ce message ({ $kind })
bounce-not-ours = ce message ({ $kind }) ne prouve pas qu’il concerne un envoi de cette boutique, ou concerne une inscription qui n’est plus en attente : rien n’est changé. `carillon member withdraw ADRESSE` retire quelqu’un
bounce-too-old = il concerne un envoi trop ancien : rien n’est changé
bounce-kept = conservé comme { $class } ; le service décide de la suite
bounce-known = { $class } : on le savait déjà de cet envoi
bounce-sign-up-ended = il n’y a personne à l’adresse inscrite : l’inscription est supprimée
bounce-sign-up-unwanted = la personne qui a reçu le courriel de confirmation s’en plaint : l’inscription est supprimée
bounce-left = la personne est partie : { $cause }
bounce-status = courrier revenu : { $reports ->
        [one] { $reports } rapport
       *[other] { $reports } rapports
    } en 30 jours, { $dead ->
        [one] { $dead } adresse abandonnée
       *[other] { $dead } adresses abandonnées
    } en tout
bounce-status-waiting = courrier revenu : { $waiting ->
        [one] { $waiting } rapport attend
       *[other] { $waiting } rapports attendent
    } le service, qui abandonne au plus un centième de la liste par jour
