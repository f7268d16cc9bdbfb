//! What a country's law says beside its dates, in words, each text with where it can be read.
//!
//! Every struct of `country` is taken apart here without `..`, so a field that is added to the law files does not compile
//! until it is said to people, whether or not a rule asks for it too.

use serde::Serialize;

use super::confidence::Confidence;
use super::country::{
    Advertisement, Allowance, Applies, Ban, Country, GroupRule, ItemConditions, LowestBefore, Mechanics, NewGoods,
    Notice, NoticeTime, Online, PriorPrice, Progressive, Regulation, RegulationState, Remark, SelfComparison,
};

/// One thing that a law says, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LegalFact {
    /// What it is about.
    pub topic: &'static str,
    /// What it says.
    pub says: String,
    /// The text of law.
    pub text: Option<String>,
    /// Where it can be read.
    pub source: Option<String>,
    /// How well it is attested.
    pub confidence: Option<Confidence>,
    /// What is uncertain or disputed about it.
    pub note: Option<String>,
}

impl Country {
    /// Everything that the country's file says beside its dates, in the order of the file.
    pub fn facts(&self) -> Vec<LegalFact> {
        self.facts_of(|_| true)
    }

    /// The same, with those bans only that `concerns` says are of interest.
    pub(super) fn facts_of(&self, concerns: impl Fn(&Mechanics) -> bool) -> Vec<LegalFact> {
        let Self {
            // What dates are computed from shows in the dates.
            code: _,
            name: _,
            zone: _,
            hour: _,
            holidays: _,
            as_of,
            regulation,
            names,
            online,
            mechanics,
            item_conditions,
            prior_price,
            advertisement,
            notices,
            allowances,
            remarks,
        } = self;
        let said: Vec<String> =
            names.iter().map(|(language, names)| format!("{} ({language})", names.join(", "))).collect();
        let names = LegalFact {
            topic: "names",
            says: format!("The sales are called {}. Compared with the sources on {as_of}.", said.join("; ")),
            text: None,
            source: None,
            confidence: None,
            note: None,
        };
        let mut facts = vec![regulation.fact(), names, online.fact()];
        facts.extend(mechanics.iter().filter(|it| concerns(it)).map(|it| it.fact()));
        facts.extend(item_conditions.as_ref().map(ItemConditions::fact));
        facts.push(prior_price.fact());
        facts.extend(advertisement.as_ref().map(Advertisement::fact));
        facts.extend(notices.iter().map(Notice::fact));
        facts.extend(allowances.iter().map(Allowance::fact));
        facts.extend(remarks.iter().map(Remark::fact));
        facts
    }
}

/// Sentences in a row.
fn joined(sentences: impl IntoIterator<Item = Option<String>>) -> String {
    sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn sentence_if(holds: bool, sentence: &str) -> Option<String> {
    holds.then(|| sentence.to_owned())
}

impl Regulation {
    fn fact(&self) -> LegalFact {
        let Self { state, since, says, text, source, confidence, note, look, known_since, look_before } = self;
        let state_in_words = match state {
            RegulationState::Dates => "The law sets dates, by rule or by order.",
            RegulationState::Published => "A yearly text sets dates that no rule predicts.",
            RegulationState::WithinLimits => "Traders choose within limits.",
            RegulationState::Unregulated => "No law sets dates.",
            RegulationState::Unknown => "Whether a law sets dates is not known.",
        };
        let says = joined([
            Some(says.clone()),
            Some(state_in_words.to_owned()),
            since.map(|since| format!("It is so since {since}.")),
            look.as_ref().map(|look| match state {
                RegulationState::Unknown => format!("To be asked: {look}."),
                _ => format!("New dates: {look}."),
            }),
            known_since.map(|since| format!("Before {since} it is not known to this calendar.")),
            look_before.as_ref().map(|look| format!("What was before: {look}.")),
        ]);
        LegalFact {
            topic: "regime",
            says,
            text: text.clone(),
            source: source.clone(),
            confidence: Some(*confidence),
            note: note.clone(),
        }
    }
}

/// Whether a rule reaches something.
fn reach(applies: Applies, what: &str) -> String {
    match applies {
        Applies::Yes => format!("It reaches {what}."),
        Applies::No => format!("It does not reach {what}."),
        Applies::Disputed => format!("Whether it reaches {what} is disputed."),
        Applies::Unclear => format!("Whether it reaches {what} is not established."),
    }
}

impl Online {
    fn fact(&self) -> LegalFact {
        let Self { applies, follows_national_since, text, source, note } = self;
        let national =
            |since| format!("Since {since} online sales follow the national dates, wherever seller and buyer are.");
        LegalFact {
            topic: "online",
            says: joined([Some(reach(*applies, "distance selling")), follows_national_since.map(national)]),
            text: text.clone(),
            source: source.clone(),
            confidence: None,
            note: note.clone(),
        }
    }
}

impl Mechanics {
    /// What is banned and what is allowed all the same, a sentence each.
    pub fn sentences(&self) -> Vec<String> {
        let Self {
            id: _,
            kind,
            effective_in_period,
            sectors,
            goods,
            audience,
            exceptions,
            also_banned,
            invitations_banned,
            members_presale,
            local_fair_max_days,
            online,
            text: _,
            source: _,
            note: _,
        } = self;
        let what = match (kind, effective_in_period) {
            (Ban::Announcement, true) => "announcing price reductions that take effect in the period",
            (Ban::Announcement, false) => "announcing price reductions",
            (Ban::PromotionalSale, _) => "promotional sales",
        };
        let trades = match (sectors.as_slice(), goods) {
            ([], Some(goods)) => goods.clone(),
            ([], None) => "all goods".to_owned(),
            (sectors, Some(goods)) => format!("{} ({goods})", sectors.join(", ")),
            (sectors, None) => sectors.join(", "),
        };
        let mut sentences = vec![format!("Banned: {what}, for {trades}; audience: {audience}.")];
        if !also_banned.is_empty() {
            sentences.push(format!("Banned too: {}.", also_banned.join(", ")));
        }
        sentences.extend(sentence_if(*invitations_banned, "Inviting one’s own customers is banned too."));
        sentences.push(reach(*members_presale, "a pre-sale for members only"));
        sentences.push(reach(*online, "distance selling"));
        if !exceptions.is_empty() {
            sentences.push(format!("Allowed all the same: {}.", exceptions.join(", ")));
        }
        sentences.extend(local_fair_max_days.map(|days| format!("A local fair may last {days} days in each period.")));
        sentences
    }

    fn fact(&self) -> LegalFact {
        LegalFact {
            topic: "blackout",
            says: format!("{} [{}]", self.sentences().join(" "), self.id),
            text: self.text.clone(),
            source: self.source.clone(),
            confidence: None,
            note: self.note.clone(),
        }
    }
}

impl ItemConditions {
    fn fact(&self) -> LegalFact {
        let Self {
            offered_before,
            paid_before,
            received_before,
            in_stock_at_start,
            no_restocking,
            not_bought_for_sale,
            in_usual_range,
            in_usual_premises,
            goods,
            text,
            source,
            note,
        } = self;
        let conditions: Vec<String> = [
            offered_before.map(|age| format!("offered at least {age} before the first day")),
            paid_before.map(|age| format!("paid for at least {age} before it")),
            received_before.map(|age| format!("received at least {age} before it")),
            sentence_if(*in_stock_at_start, "in the trader’s hands when it starts"),
            sentence_if(*no_restocking, "not restocked during it"),
            sentence_if(*not_bought_for_sale, "not bought for it"),
            sentence_if(*in_usual_range, "part of the usual range before"),
            sentence_if(*in_usual_premises, "sold in the premises where they are usually sold"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let of = goods.as_deref().unwrap_or("all goods");
        let says = if conditions.is_empty() {
            format!("The sales are for {of}.")
        } else {
            format!("The sales are for {of}: {}.", conditions.join(", "))
        };
        LegalFact {
            topic: "goods",
            says,
            text: text.clone(),
            source: source.clone(),
            confidence: None,
            note: note.clone(),
        }
    }
}

impl PriorPrice {
    fn fact(&self) -> LegalFact {
        match self {
            Self::LowestBefore(lowest) => lowest.fact(),
            Self::SelfComparison(comparison) => comparison.fact(),
            Self::None { says, source, confidence } => LegalFact {
                topic: "prior price",
                says: says.clone(),
                text: None,
                source: source.clone(),
                confidence: Some(*confidence),
                note: None,
            },
            Self::Unknown { says, ask } => LegalFact {
                topic: "prior price",
                says: format!("{says} To be asked: {ask}."),
                text: None,
                source: None,
                confidence: None,
                note: None,
            },
        }
    }
}

impl LowestBefore {
    fn fact(&self) -> LegalFact {
        let Self {
            lookback_days,
            from,
            new_goods,
            progressive,
            per_channel,
            closed_group,
            open_members,
            launch_price_exempt,
            anchored_on_sale_start,
            text,
            source,
            confidence,
            note,
        } = self;
        let anchor = if *anchored_on_sale_start { ", in the sales of those before their first day" } else { "" };
        let says = joined([
            Some(format!(
                "An announced reduction shows the lowest price of the {lookback_days} days before it{anchor}."
            )),
            from.map(|from| format!("It is so since {from}.")),
            Some(new_goods.sentence()),
            Some(progressive.sentence()),
            sentence_if(*per_channel, "Each channel has a prior price of its own."),
            Some(closed_group.sentence("A price for a closed group")),
            Some(open_members.sentence("A price for members whom anyone may join")),
            sentence_if(*launch_price_exempt, "A launch price before an announced increase is outside."),
        ]);
        LegalFact {
            topic: "prior price",
            says,
            text: text.clone(),
            source: source.clone(),
            confidence: Some(*confidence),
            note: note.clone(),
        }
    }
}

impl NewGoods {
    fn sentence(self) -> String {
        let says = match self {
            Self::SinceLaunch => "the lowest price since then counts".to_owned(),
            Self::LastDays(days) => format!("the lowest price of the last {days} days counts"),
            Self::Exempt => "no prior price is due".to_owned(),
            Self::Disclose => "the lowest price since then counts, and the announcement says since when".to_owned(),
            Self::FuturePriceOnly => "only a promotion against the future price is possible".to_owned(),
            Self::NoRule => "the text says nothing, a person decides".to_owned(),
            Self::Unknown => "what holds is not established, a person decides".to_owned(),
        };
        format!("For goods first offered within those days {says}.")
    }
}

impl Progressive {
    fn sentence(self) -> String {
        let Self { allowed, same_campaign, max, established } = self;
        let kept = if allowed { "keeps its first prior price" } else { "takes a new prior price at each step" };
        let within = if same_campaign { " within one campaign" } else { "" };
        let longest = max.map(|max| format!(", for {max} after the first step")).unwrap_or_default();
        let doubt = if established { "" } else { " (not established: the cautious answer)" };
        format!("A reduction that grows step by step {kept}{within}{longest}{doubt}.")
    }
}

impl GroupRule {
    fn sentence(self, price: &str) -> String {
        let needs = match self {
            Self::Required => "needs a prior price too",
            Self::Exempt => "needs none",
            Self::ArguablyExempt => "arguably needs none",
            Self::ArguablyRequired => "arguably needs one",
        };
        format!("{price} {needs}.")
    }
}

impl SelfComparison {
    fn fact(&self) -> LegalFact {
        let Self { min_days_high_price, or_half_time_max, from, text, source, confidence } = self;
        let says = format!(
            "A price asked for {min_days_high_price} days on end may be compared with for good, since {from}; any other \
             for half the time that it was asked, and for {or_half_time_max} at most."
        );
        LegalFact {
            topic: "prior price",
            says,
            text: text.clone(),
            source: source.clone(),
            confidence: Some(*confidence),
            note: None,
        }
    }
}

impl Advertisement {
    fn fact(&self) -> LegalFact {
        let Self { start, goods, text, source } = self;
        LegalFact {
            topic: "advertisement",
            says: joined([
                sentence_if(*start, "An advertisement of the sales states the day on which they start."),
                sentence_if(*goods, "It states which goods are meant when not all are in the sales."),
            ]),
            text: text.clone(),
            source: source.clone(),
            confidence: None,
            note: None,
        }
    }
}

impl Notice {
    fn fact(&self) -> LegalFact {
        let Self { applies_to, authority, before, text, source } = self;
        let before = match before {
            NoticeTime::Days(days) => format!("{days} days"),
            NoticeTime::WorkingDays(days) => format!("{days} working days"),
            NoticeTime::Months(1) => "one month".to_owned(),
            NoticeTime::Months(months) => format!("{months} months"),
        };
        LegalFact {
            topic: "notice",
            says: format!("To be told {before} before {applies_to}: {authority}."),
            text: text.clone(),
            source: source.clone(),
            confidence: None,
            note: None,
        }
    }
}

impl Allowance {
    fn fact(&self) -> LegalFact {
        let Self {
            id,
            label,
            markets,
            from,
            to,
            max_days_per_year,
            max_periods_per_year,
            max_days_each,
            ends_before_fixed,
            says,
            text,
            source,
            confidence,
            note,
        } = self;
        let markets: Vec<String> = markets.iter().map(ToString::to_string).collect();
        let says = joined([
            Some(format!("{label} [{id}]: {says}")),
            (!markets.is_empty()).then(|| format!("In {}.", markets.join(", "))),
            from.map(|from| format!("From {from}.")),
            to.map(|to| format!("To {to}.")),
            max_days_per_year.map(|days| format!("At most {days} days a year.")),
            max_periods_per_year.map(|periods| format!("At most {periods} periods a year.")),
            max_days_each.map(|days| format!("At most {days} days each.")),
            ends_before_fixed.map(|age| format!("Over at least {age} before a fixed period.")),
        ]);
        LegalFact {
            topic: "allowance",
            says,
            text: text.clone(),
            source: source.clone(),
            confidence: Some(*confidence),
            note: note.clone(),
        }
    }
}

impl Remark {
    fn fact(&self) -> LegalFact {
        let Self { says, source, confidence } = self;
        LegalFact {
            topic: "remark",
            says: says.clone(),
            text: None,
            source: source.clone(),
            confidence: Some(*confidence),
            note: None,
        }
    }
}
