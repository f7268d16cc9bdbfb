//! What the pages of a sign-up say beside the words that people agree to, which are data (`config/consent`). French with its
//! own spaces: U+00A0 before a colon, U+202F before other tall signs.

use crate::member::Language;

/// The words in one language.
pub(in crate::http) struct Words {
    pub(super) label: &'static str,
    pub(in crate::http) notice: &'static str,
    pub(super) trap: &'static str,
    /// In front of the title of a page with something to mend.
    pub(super) trouble: &'static str,
    pub(super) missing: &'static str,
    pub(super) wrong: &'static str,
    pub(super) too_young: &'static str,
    pub(super) too_old: &'static str,
    pub(super) too_long: &'static str,
    pub(super) sent: &'static str,
    pub(super) sent_text: &'static str,
    pub(super) sent_note: &'static str,
    pub(super) busy: &'static str,
    pub(super) busy_text: &'static str,
    pub(in crate::http) question: &'static str,
    pub(in crate::http) asked: &'static str,
    pub(in crate::http) yes: &'static str,
    pub(in crate::http) not_me: &'static str,
    pub(in crate::http) done: &'static str,
    pub(in crate::http) done_text: &'static str,
    pub(in crate::http) used: &'static str,
    pub(in crate::http) used_text: &'static str,
    pub(in crate::http) unknown: &'static str,
    pub(in crate::http) unknown_text: &'static str,
    pub(in crate::http) failed: &'static str,
    pub(in crate::http) failed_text: &'static str,
}

impl Words {
    /// The words of `language`.
    pub(in crate::http) fn of(language: Language) -> &'static Self {
        match language {
            Language::Fr => &FRENCH,
            Language::En => &ENGLISH,
        }
    }
}

const FRENCH: Words = Words {
    label: "Votre adresse e-mail",
    notice: "Ce que devient votre adresse",
    trap: "Laissez ce champ vide",
    trouble: "À corriger\u{a0}: ",
    missing: "Écrivez votre adresse e-mail dans le champ ci-dessous.",
    wrong: "Cette adresse n’est pas complète, ou contient un signe qui n’y a pas sa place. Elle ressemble à \
            prenom.nom@example.fr.",
    too_young: "Un instant\u{a0}: relisez votre adresse, puis appuyez de nouveau sur le bouton.",
    too_old: "Cette page est restée ouverte longtemps. Relisez-la, puis appuyez de nouveau sur le bouton.",
    too_long: "Ce formulaire ne peut pas être lu. Écrivez seulement votre adresse e-mail.",
    sent: "Regardez votre messagerie",
    sent_text: "Si l’adresse est juste, un message y arrive dans quelques minutes. Ouvrez-le et confirmez\u{a0}: votre \
                inscription ne compte qu’ensuite.",
    sent_note: "Rien n’arrive\u{202f}? Cherchez parmi les indésirables, ou recommencez dans un quart d’heure.",
    busy: "Trop de demandes à la fois",
    busy_text: "Votre demande n’a pas été enregistrée. Réessayez dans quelques minutes.",
    question: "Confirmez votre inscription",
    asked: "Voici ce qui a été demandé pour votre adresse\u{a0}:",
    yes: "Je confirme",
    not_me: "Vous n’avez rien demandé\u{202f}? Fermez cette page\u{a0}: la demande s’efface d’elle-même.",
    done: "C’est confirmé",
    done_text: "Nous vous écrirons quand une avant-première s’annonce. Chaque message porte un lien pour vous désinscrire.",
    used: "C’est déjà confirmé",
    used_text: "Ce lien a rempli son office. Rien d’autre n’est à faire.",
    unknown: "Ce lien ne sert plus",
    unknown_text: "Il vaut trois jours, et une seule fois. Votre messagerie l’a peut-être coupé\u{a0}: ouvrez-le depuis le \
                   message d’origine, remplissez de nouveau le formulaire, ou écrivez-nous\u{a0}:",
    failed: "La confirmation n’a pas pu être enregistrée",
    failed_text: "Réessayez dans quelques instants, ou écrivez-nous\u{a0}:",
};

const ENGLISH: Words = Words {
    label: "Your e-mail address",
    notice: "What becomes of your address",
    trap: "Leave this field empty",
    trouble: "To correct: ",
    missing: "Write your e-mail address in the field below.",
    wrong: "This address is not complete, or holds a sign that has no place in it. It looks like \
            first.last@example.com.",
    too_young: "One moment: read your address again, then press the button once more.",
    too_old: "This page was open for a long time. Read it again, then press the button once more.",
    too_long: "This form cannot be read. Write your e-mail address and nothing else.",
    sent: "Look into your mailbox",
    sent_text: "If the address is right, a message arrives there within a few minutes. Open it and confirm: your sign-up \
                counts only then.",
    sent_note: "Nothing arrives? Look among the unwanted mail, or try again in a quarter of an hour.",
    busy: "Too many requests at once",
    busy_text: "Your request was not recorded. Please try again in a few minutes.",
    question: "Confirm your sign-up",
    asked: "This was asked for with your address:",
    yes: "I confirm",
    not_me: "You asked for nothing? Close this page: the request deletes itself.",
    done: "You are signed up",
    done_text: "We will write to you when an early sale is announced. Every message carries a link to unsubscribe.",
    used: "This is confirmed already",
    used_text: "The link has done its work. There is nothing else to do.",
    unknown: "This link no longer works",
    unknown_text: "It is good for three days, and only once. Your mail program may have cut it: open it from the original \
                   message, fill in the form again, or write to us:",
    failed: "Your confirmation could not be recorded",
    failed_text: "Please try again in a moment, or write to us:",
};
