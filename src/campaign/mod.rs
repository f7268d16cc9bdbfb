//! The sale: the campaign file, the words that say when, the window, and the difference that applying a file would make.
//!
//! A [`Campaign`] is what a person wrote; [`Campaign::resolve`] turns it into a [`Schedule`], which the gate and the
//! planner read. Pure: no files, no store, no clock. The rules of law on words and prices are in `compliance`.

mod approval;
mod beside;
mod concern;
mod copy;
mod edition;
mod expression;
mod file;
mod law_moves;
mod parse;
mod plan;
mod reach;
mod reader;
mod resolve;
mod schedule;
mod sector;
mod state;
mod succession;
mod untrue;
mod wall_clock;
mod written;

pub use approval::{approve_before, late_mailings, may_approve};
pub use beside::{Clash, LetterBeside, letters_clash, windows_clash};
pub use concern::{Answer, Concern, Readers, Weight, told_by};
pub use copy::{
    CampaignCopy, MovedWords, REVIEW_MARKS, ReviewLine, ReviewPlace, SaleEdition, SaleEditionError, SeasonChange,
    slug_for, unreviewed,
};
pub use edition::{NextEdition, next_edition};
pub use expression::{
    Anchor, EXAMPLE, Expression, ExpressionError, PeriodAnchor, PeriodEdge, Shift, ShiftUnit, WindowEdge, season_word,
};
pub use file::{
    AudienceClass, Campaign, Declaration, DeclaredSale, DstChoice, Every, Group, Mailing, MailingKind, MailingTexts,
    Naming, Offer, OfferLimit, PricesShown, SaleWords, UnknownWord, Window,
};
pub use law_moves::MovedAnchor;
pub use plan::{Change, Plan, Shown};
pub use reach::{
    Audiences, KEPT_OUT_REMEDY, LeftOut, ListCount, MailingReach, Recipients, WhyNobody, named_lists, why_nobody,
};
pub use schedule::{
    AnchorUse, PlannedArticle, PlannedDeclaration, PlannedGroup, PlannedMailing, PlannedOffer, PlannedTexts,
    PlannedWords, Schedule, ToldWindow, moment,
};
pub use sector::{Trade, trade, trades};
pub use state::{CampaignState, UnknownCampaignState};
pub use succession::{Current, Next, Progress, Standing, Step, Succession, Today, succeed, untrue};
pub use untrue::{Letters, Untrue, moved_sales};
pub use written::Written;

/// A campaign for the tests of this room.
#[cfg(test)]
pub(crate) mod sample {
    use crate::document::Document;

    /// A file without a flaw.
    pub(crate) const TEXT: &str = "\
slug = \"hiver-2027\"
title = \"Les journées magiques\"
markets = [\"FR\"]
channel = \"online\"
audience = \"public\"

[window]
timezone = \"Europe/Paris\"
opens = \"soldes.winter.2027 - 4 days at 08:00\"
closes = \"soldes.winter.2027\"

[[mailings]]
kind = \"announcement\"
# The day before, in the morning.
not_before = \"window.opens - 1 day at 10:00\"
not_after = \"window.opens\"
languages = [\"fr\", \"en\"]
";

    /// The file with each first text replaced by the second, which must be found.
    #[track_caller]
    pub(crate) fn with(edits: &[(&str, &str)]) -> Document {
        let mut text = TEXT.to_owned();
        for (from, to) in edits {
            assert!(text.contains(from), "`{from}` is not in the sample");
            text = text.replacen(from, to, 1);
        }
        Document::new("hiver.toml", text)
    }
}
