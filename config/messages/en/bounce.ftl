# What became of mail that came back, and how much did.

bounce-nothing = nothing follows from this message ({ $kind })
bounce-not-ours = this message ({ $kind }) carries no proof that it is about mail of this shop, or is about a sign-up that is over: nothing is changed. `carillon member withdraw ADDRESS` takes somebody out
bounce-too-old = it is about a mail that is too old: nothing is changed
bounce-kept = kept as { $class }; the daemon decides what follows
bounce-known = { $class }: as much was known of this mail
bounce-sign-up-ended = nobody is at the address that was signed up: the sign-up is deleted
bounce-sign-up-unwanted = whoever got the letter of a sign-up complains of it: the sign-up is deleted
bounce-left = the person has left: { $cause }
bounce-status = returned mail: { $reports ->
        [one] one report
       *[other] { $reports } reports
    } in 30 days, { $dead ->
        [one] one address given up
       *[other] { $dead } addresses given up
    } altogether
bounce-status-waiting = returned mail: { $waiting ->
        [one] one report waits
       *[other] { $waiting } reports wait
    } for the daemon, which gives up at most a hundredth of the list in a day
