//! What the pages say, in each language. French with its own spaces: U+00A0 before a colon, U+202F before other tall
//! signs.

use crate::campaign::AudienceClass;
use crate::member::Language;

/// The fixed words of the pages in one language.
pub(super) struct Words {
    pub(super) other_language: Language,
    pub(super) other_language_name: &'static str,
    pub(super) not_yet: &'static str,
    pub(super) open: &'static str,
    pub(super) over: &'static str,
    pub(super) cancelled: &'static str,
    pub(super) opens: &'static str,
    pub(super) closes: &'static str,
    pub(super) closed_since: &'static str,
    pub(super) cancelled_since: &'static str,
    pub(super) opens_in: &'static str,
    pub(super) closes_in: &'static str,
    pub(super) opening: &'static str,
    pub(super) closing: &'static str,
    pub(super) enter: &'static str,
    pub(super) visit: &'static str,
    pub(super) calendar: &'static str,
    /// What it takes to buy: by audience, see [`Words::only_time`].
    only_time: [&'static str; 4],
    pub(super) planned_opening: &'static str,
    pub(super) planned_closing: &'static str,
    pub(super) zone: &'static str,
    pub(super) no_trace: &'static str,
    pub(super) privacy: &'static str,
    pub(super) all: &'static str,
    pub(super) none: &'static str,
    pub(super) not_found: &'static str,
    pub(super) not_found_text: &'static str,
    pub(super) unavailable: &'static str,
    pub(super) unavailable_text: &'static str,
    /// The units of the countdown, from days to seconds: one, many.
    pub(super) units: [(&'static str, &'static str); 4],
    /// Whether nought takes the singular: French says « 0 jour », English "0 days".
    pub(super) nought_is_singular: bool,
    pub(super) unsubscribe: Unsubscribe,
}

/// The words of the unsubscribe pages.
pub(super) struct Unsubscribe {
    pub(super) question: &'static str,
    pub(super) explanation: &'static str,
    pub(super) button: &'static str,
    pub(super) done: &'static str,
    pub(super) done_text: &'static str,
    pub(super) unknown: &'static str,
    pub(super) unknown_text: &'static str,
    pub(super) failed: &'static str,
    pub(super) failed_text: &'static str,
}

impl Words {
    /// What it takes to buy in a sale for `audience`. Only a public one asks for nothing.
    pub(super) fn only_time(&self, audience: AudienceClass) -> &'static str {
        let [public, members, group, personal] = self.only_time;
        match audience {
            AudienceClass::Public => public,
            AudienceClass::OpenMembers => members,
            AudienceClass::ClosedGroup => group,
            AudienceClass::Personal => personal,
        }
    }

    /// The words of `language`.
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::Fr => &FRENCH,
            Language::En => &ENGLISH,
        }
    }
}

const FRENCH: Words = Words {
    other_language: Language::En,
    other_language_name: "English",
    not_yet: "Pas encore ouvert",
    open: "C’est ouvert",
    over: "C’est terminé",
    cancelled: "Annulé",
    opens: "Ouverture le ",
    closes: "Jusqu’au ",
    closed_since: "La vente s’est achevée le ",
    cancelled_since: "La vente a été annulée le ",
    opens_in: "Ouverture dans",
    closes_in: "Fermeture dans",
    opening: "Ouverture",
    closing: "Fermeture",
    planned_opening: "Ouverture prévue",
    planned_closing: "Fermeture prévue",
    enter: "Entrer dans la boutique",
    visit: "Voir la boutique",
    calendar: "Ajouter à mon agenda",
    only_time: [
        "Seule l’heure ouvre la porte\u{a0}: rien ne vous est demandé, ni compte, ni adresse.",
        "Seule l’heure ouvre la porte. La vente est réservée aux membres\u{a0}; chacun peut le devenir.",
        "Seule l’heure ouvre la porte. La vente est réservée aux personnes qui y sont invitées.",
        "Seule l’heure ouvre la porte. Les prix de cette vente sont personnels.",
    ],
    zone: "Fuseau horaire",
    no_trace: "Cette page ne dépose aucun cookie et ne garde aucune trace de votre visite.",
    privacy: "Confidentialité",
    all: "Nos rendez-vous",
    none: "Aucun rendez-vous n’est annoncé pour le moment.",
    not_found: "Cette page n’existe pas",
    not_found_text: "Aucun rendez-vous ne porte ce nom.",
    unavailable: "Un instant, s’il vous plaît",
    unavailable_text: "Le calendrier ne peut pas être lu en ce moment. Réessayez dans quelques instants.",
    units: [("jour", "jours"), ("heure", "heures"), ("minute", "minutes"), ("seconde", "secondes")],
    nought_is_singular: true,
    unsubscribe: Unsubscribe {
        question: "Ne plus recevoir nos messages\u{202f}?",
        explanation: "Un seul geste suffit. Il prend effet aussitôt, aussi pour les messages déjà préparés.",
        button: "Me désinscrire",
        done: "Votre désinscription est enregistrée",
        done_text: "Nous ne vous écrirons plus. Rien d’autre n’est à faire.",
        unknown: "Ce lien n’est pas valable",
        unknown_text: "Il a peut-être été coupé par votre messagerie. Ouvrez-le depuis le message d’origine, ou \
                       écrivez-nous\u{a0}:",
        failed: "La désinscription n’a pas pu être enregistrée",
        failed_text: "Réessayez dans quelques instants, ou écrivez-nous\u{a0}:",
    },
};

const ENGLISH: Words = Words {
    other_language: Language::Fr,
    other_language_name: "Français",
    not_yet: "Not open yet",
    open: "Open now",
    over: "It is over",
    cancelled: "Cancelled",
    opens: "Opens ",
    closes: "Until ",
    closed_since: "The sale ended ",
    cancelled_since: "The sale was cancelled ",
    opens_in: "Opens in",
    closes_in: "Closes in",
    opening: "Opens",
    closing: "Closes",
    planned_opening: "Was to open",
    planned_closing: "Was to close",
    enter: "Enter the shop",
    visit: "See the shop",
    calendar: "Add to my calendar",
    only_time: [
        "Only the time opens the door: you are asked for nothing, neither an account nor an address.",
        "Only the time opens the door. The sale is for members, and anyone can become one.",
        "Only the time opens the door. The sale is for those who were invited to it.",
        "Only the time opens the door. The prices of this sale are personal.",
    ],
    zone: "Time zone",
    no_trace: "This page sets no cookie and keeps no trace of your visit.",
    privacy: "Privacy",
    all: "Our dates",
    none: "No date is announced at the moment.",
    not_found: "There is no such page",
    not_found_text: "None of our dates has this name.",
    unavailable: "One moment, please",
    unavailable_text: "The calendar cannot be read right now. Please try again in a moment.",
    units: [("day", "days"), ("hour", "hours"), ("minute", "minutes"), ("second", "seconds")],
    nought_is_singular: false,
    unsubscribe: Unsubscribe {
        question: "Stop receiving our messages?",
        explanation: "One press is enough. It takes effect at once, also for messages already prepared.",
        button: "Unsubscribe",
        done: "You are unsubscribed",
        done_text: "We will not write to you again. There is nothing else to do.",
        unknown: "This link is not valid",
        unknown_text: "Your mail program may have cut it. Open it from the original message, or write to us:",
        failed: "Your request could not be recorded",
        failed_text: "Please try again in a moment, or write to us:",
    },
};
