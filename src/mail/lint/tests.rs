//! One message that breaks nothing, and what each change to it breaks.

use std::collections::BTreeSet;

use super::*;
use crate::campaign::AudienceClass;
use crate::compliance::words::{MarketSales, PlacedText, TextKind, check as check_words};
use crate::member::InterfaceLanguage;
use crate::phrase::in_words;

const HEADER: &str = "\
From: Exemple <presale@example.fr>
To: camille@example.net
Subject: Les journées magiques\u{a0}: c’est ouvert
Date: Sat, 02 Jan 2027 07:00:00 +0000
Message-ID: <m1.a2@news.example.fr>
MIME-Version: 1.0
List-Id: Avant-premières <presale.example.fr>
List-Unsubscribe: <https://news.example.fr/u/v1.abc>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
Feedback-ID: hiver:opening:exemple
Content-Type: multipart/alternative; boundary=\"=_b\"

";

const TEXT: &str = "\
La vente est ouverte jusqu’au 6\u{a0}janvier 2027 à 8\u{a0}h.
https://www.example.fr/vente
Les soldes commencent le 6\u{a0}janvier 2027.
https://news.example.fr/u/v1.abc
";

const HTML: &str = r#"<!doctype html>
<html lang="fr" dir="ltr"><head><title>C’est ouvert</title><meta name="color-scheme" content="light dark">
<style>@media (prefers-color-scheme: dark) { p { color: white } }</style></head>
<body><div lang="fr" dir="ltr" style="background-color:#ffffff;color:#222222;font-size:16px">
<div class="preheader" style="display:none">Jusqu’à mercredi.</div><div style="display:none">BLANKS</div>
<p><a href="https://news.example.fr/u/v1.abc">Se désabonner</a></p>
<h1>Les journées magiques</h1>
<table role="presentation"><tr><td>La vente est ouverte.</td></tr></table>
<p><img src="cid:bell" alt="" width="20"><a href="https://www.example.fr/vente">Entrer</a></p>
</div></body></html>
"#;

fn example(change: impl Fn(&str) -> String) -> Document {
    let (text, html) = (change(TEXT), change(HTML).replace("BLANKS", &"&#847;&zwnj;&nbsp;&#8199;\n".repeat(70)));
    let parts = format!(
        "--=_b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--=_b\nContent-Type: text/html\n\n{html}\n--=_b--\n"
    );
    Document::new("x.eml", format!("{}{parts}", change(HEADER)).replace('\n', "\r\n"))
}

/// What is found when `old` is replaced by `new` wherever it stands.
#[track_caller]
fn check(old: &str, new: &str, expected: &[&str]) {
    assert!([HEADER, TEXT, HTML].iter().any(|part| part.contains(old)), "{old:?} is nowhere");
    let findings = message(&example(|part| part.replace(old, new)), &Calendar::built_in(), &france());
    let mut found: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
    found.dedup();
    assert_eq!(found, expected, "{findings:#?}");
}

#[test]
fn a_good_message_breaks_nothing() {
    check("example", "example", &[]);
}

#[test]
fn the_page_is_for_everybody() {
    check("<html lang=\"fr\" dir=\"ltr\">", "<html lang=\"fr\">", &["mail.lang"]);
    check("<div lang=\"fr\" dir=\"ltr\"", "<div", &["mail.lang"]);
    check("<title>C’est ouvert</title>", "<title></title>", &["mail.title"]);
    check("h1>", "h2>", &["mail.heading"]);
    check(" role=\"presentation\"", "", &["mail.table-role"]);
    check("alt=\"\" ", "", &["mail.alt"]);
    check("color:#222222", "color:#999999", &["mail.contrast"]);
    check("font-size:16px", "font-size:11px", &["mail.small-type"]);
    check("<meta name=\"color-scheme\" content=\"light dark\">", "", &["mail.color-scheme"]);
    check("Jusqu’à mercredi.", &"Encore. ".repeat(20), &["mail.preheader"]);
    check("BLANKS", "", &["mail.preheader"]);
    check("BLANKS", &"&nbsp;&zwnj;\n".repeat(132), &["mail.preheader"]);
    check("BLANKS", &"&nbsp;&zwnj;\n".repeat(133), &[]);
    check("Entrer", &"Encore une phrase.\n".repeat(5000), &["mail.size"]);
}

#[test]
fn nothing_is_fetched_and_nothing_runs() {
    check("cid:bell", "https://img.example.fr/bell.png", &["mail.remote"]);
    let hash = "0123456789abcdef01234567";
    check("cid:bell", &format!("https://news.example.fr/brand/{hash}.png"), &[]);
    check("cid:bell", &format!("https://news.example.fr/brand/{hash}.png?to=7"), &["mail.remote"]);
    check("cid:bell", "https://news.example.fr/brand/camille.png", &["mail.remote"]);
    check("cid:bell", &format!("https://img.example.fr/brand/{hash}.png"), &["mail.remote"]);
    check("width=\"20\"", "width=\"1\" height=\"1\"", &["mail.pixel"]);
    check("p { color: white }", "p { background: url(https://x.example/a.png) }", &["mail.remote"]);
    check("<h1>", "<script>alert(1)</script><h1>", &["mail.script"]);
    check("<h1>", "<h1 onclick=\"x()\">", &["mail.script"]);
    check("<h1>", "<form action=\"https://x.example\"></form><h1>", &["mail.form"]);
    check("<p><a", "<p style=\"position:absolute\"><a", &["mail.position"]);
}

#[test]
fn links_are_few_safe_and_the_same() {
    check("href=\"https://www.example.fr/vente\"", "href=\"javascript:x()\"", &["mail.link", "mail.urls-differ"]);
    check("https://www.example.fr/vente", "http://www.example.fr/vente", &["mail.link"]);
    check("\nhttps://www.example.fr/vente", "", &["mail.urls-differ"]);
    check("\nhttps://news.example.fr/u/v1.abc", "", &["mail.urls-differ", "mail.unsubscribe"]);
    check("https://www.example.fr/vente", "https://www.example.fr/vente?uid=7", &["mail.recipient-link"]);
    check("https://www.example.fr/vente", "https://www.example.fr/camille%40example.net", &["mail.recipient-link"]);
    let by_way_of = "https://click.example.net/?to=https%3A%2F%2Fwww.example.fr/vente";
    check("https://www.example.fr/vente", by_way_of, &["mail.redirector"]);
    check("https://www.example.fr/vente", "https://www.example.fr/in?to=https://www.example.fr/vente", &[]);
    check("</p>\n<h1>Les journées magiques</h1>", "</p>", &["mail.heading"]);
    check(
        "<p><a href=\"https://news",
        "<h1>Les journées</h1><p><a href=\"https://news",
        &["mail.heading", "mail.unsubscribe-late"],
    );
}

#[test]
fn the_words_are_finished_and_lawful() {
    check("La vente est ouverte", "{{ prenom }}, la vente est ouverte", &["mail.placeholder"]);
    check("La vente est ouverte", "Venez ! La vente est ouverte", &["mail.french-spacing"]);
    check("magiques\u{a0}: c’est ouvert", &"c’est ouvert ".repeat(9), &["mail.subject-length"]);
}

/// The same checker as for a campaign, so a message is judged by its day, and typography hides nothing.
#[test]
fn the_reserved_words_are_those_of_a_campaign() {
    let announcement = "Les soldes commencent le 6\u{a0}janvier 2027.";
    let reserved = "words.soldes-outside-period";
    check(announcement, "Des soldes avant l’heure.", &["words.soldes-derivative"]);
    check(announcement, "Soldes 2027, dès maintenant.", &[reserved]);
    check(announcement, "Les soldes commencent le 12\u{a0}janvier 2027.", &[reserved]);
    check(announcement, "Les présoldes du 6\u{a0}janvier 2027.", &["words.soldes-derivative"]);
    check(announcement, "Tout est s.o.l.d.é.", &[reserved]);
    check(announcement, "Vérifiez le solde de votre carte de fidélité.", &[]);
    check("<h1>Les journées magiques", "<h1>Les s<b>old</b>es magiques", &[reserved]);
    check("Les journées magiques\u{a0}: c’est", "Soldes\u{a0}: c’est", &[reserved]);
    // Read inside the sales themselves, the word is free.
    let in_january = |part: &str| {
        let part = part.replace("Sat, 02 Jan 2027", "Fri, 08 Jan 2027");
        part.replace(announcement, "Les soldes sont ouverts.").replace("C’est ouvert", "Soldes")
    };
    assert_eq!(message(&example(in_january), &Calendar::built_in(), &france()), []);
    // A date that cannot be read is no day of the sales.
    let undated =
        message(&example(|part| in_january(part).replace("Fri, 08 Jan", "Friday")), &Calendar::built_in(), &france());
    assert!(undated.iter().any(|finding| finding.rule == reserved), "{undated:#?}");
}

#[test]
fn the_header_is_complete() {
    check("Date: Sat, 02 Jan 2027 07:00:00 +0000\n", "", &["mail.header-missing"]);
    check("MIME-Version: 1.0\n", "MIME-Version: 1.0\nSubject: encore\n", &["mail.header-twice"]);
    check("To: camille@example.net", "To: camille@example.net, zoe@example.net", &["mail.recipients"]);
    check("<m1.a2@news.example.fr>", "<m1:a2@news.example.fr>", &["mail.message-id"]);
    check("List-Unsubscribe: <https:", "List-Unsubscribe: <http:", &["mail.list-unsubscribe", "mail.unsubscribe"]);
    check("List-Unsubscribe-Post: List-Unsubscribe=One-Click\n", "", &["mail.one-click"]);
    check("List-Id: Avant-premières <presale.example.fr>\n", "", &["mail.list-id"]);
    check("Feedback-ID: hiver:opening:exemple", "Feedback-ID: a:b:c:d:exemple", &["mail.feedback-id"]);
    check("Feedback-ID: hiver", &format!("X-Long: {}\nFeedback-ID: hiver", "x".repeat(1000)), &["mail.long-line"]);
}

#[test]
fn a_delivered_copy_is_signed_and_its_way_out_too() {
    let first = "From: ";
    let received = "Received: from a by b\n";
    check(first, &format!("{received}{first}"), &["mail.dkim-missing"]);
    let all = "DKIM-Signature: v=1; h=From:To:Subject:Date:Reply-To:Message-ID:MIME-Version:Content-Type:List-Id:\n List-Unsubscribe:List-Unsubscribe-Post:Feedback-ID; b=\n";
    check(first, &format!("{received}{all}{first}"), &[]);
    let some = "DKIM-Signature: v=1; h=From:Subject; b=\n";
    check(first, &format!("{some}{received}{first}"), &["mail.dkim-uncovered"]);
    check(first, &format!("{some}{all}{received}{first}"), &[]);
    // Whose it is: that of the letter's domain, or of one above or below it.
    for (domain, rules) in [
        ("news.example.fr", [].as_slice()),
        ("EXAMPLE.fr", &[]),
        ("relay.example.net", &["mail.dkim-foreign"]),
        ("xexample.fr", &["mail.dkim-foreign"]),
    ] {
        let signed = all.replace("v=1;", &format!("v=1; d={domain};"));
        check(first, &format!("{received}{signed}{first}"), rules);
    }
}

#[test]
fn a_message_saved_by_an_editor_has_lost_its_line_ends() {
    let saved = example(str::to_owned).text.replace("\r\n", "\n");
    let findings = message(&Document::new("x.eml", saved), &Calendar::built_in(), &france());
    assert_eq!(findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), ["mail.line-end"]);
    assert_eq!(findings[0].place.line, Some(1));
}

fn france() -> Vec<Market> {
    vec!["FR".parse().unwrap()]
}

#[test]
fn a_message_is_read_by_the_law_of_the_markets_that_are_named() {
    let said = example(|part| part.replace("La vente est ouverte.", "Les soldes de mai sont ouverts."));
    assert!(said.text.contains("soldes de mai"));
    let found = |markets: &[&str]| -> Vec<&str> {
        let markets: Vec<Market> = markets.iter().map(|market| market.parse().unwrap()).collect();
        let findings = message(&said, &Calendar::built_in(), &markets);
        findings.iter().map(|finding| finding.rule).filter(|rule| rule.starts_with("words.")).collect()
    };
    assert!(found(&["FR"]).contains(&"words.soldes-outside-period"), "{:?}", found(&["FR"]));
    assert!(found(&["BE", "FR"]).contains(&"words.soldes-outside-period"));
    // The message is of 2 January, when the Belgian soldes begin; Switzerland keeps the word for nobody.
    for market in ["BE", "CH"] {
        assert_eq!(found(&[market]), Vec::<&str>::new(), "{market}");
    }
}

#[test]
fn the_built_in_templates_break_nothing() {
    let set = TemplateSet::built_in().unwrap();
    assert_eq!(templates(&set, None, &france()), []);
}

/// Where each language is read, and what laws of words there are.
const READ_IN: [(Language, &[&str]); 7] = [
    (Language::Fr, &["FR", "BE", "LU", "CH", "MC"]),
    (Language::En, &["GB", "IE", "FR"]),
    (Language::Nl, &["NL", "BE"]),
    (Language::De, &["DE", "AT", "CH", "BE", "LU"]),
    (Language::It, &["IT", "CH"]),
    (Language::Es, &["ES"]),
    (Language::Pt, &["PT"]),
];

/// The law of words of the markets in which a language is read, where anybody may buy, in every season.
#[test]
fn the_built_in_letters_use_no_word_that_a_law_reserves() {
    let set = TemplateSet::built_in().unwrap();
    let calendar = Calendar::built_in();
    let mut said = Vec::new();
    for (language, countries) in READ_IN {
        let known = calendar.markets().into_iter().map(|listing| listing.market);
        let markets: Vec<MarketSales> = known
            .filter(|market| countries.contains(&market.to_string().as_str()))
            .map(MarketSales::without_seasons)
            .collect();
        assert_eq!(markets.len(), countries.len(), "{language}");
        for kind in Kind::ALL {
            let mut parts = BTreeSet::new();
            for letter in set.sample_letters(kind, language) {
                let letter = letter.unwrap();
                parts.insert((letter.subject.as_str().to_owned(), false));
                parts.insert((letter.text, true));
            }
            for (part, is_body) in parts {
                let document = Document::new(format!("{kind} {language}"), part);
                let text_kind = if is_body { TextKind::TextBody } else { TextKind::Subject };
                let text =
                    PlacedText { language: Some(language.to_string()), ..PlacedText::whole(&document, text_kind) };
                // The strictest: what is closed to others may be called more.
                said.extend(check_words(&text, AudienceClass::Public, &markets));
            }
        }
    }
    said.dedup();
    assert_eq!(said, []);
}

#[test]
fn every_letter_says_who_writes_why_and_how_to_leave() {
    let set = TemplateSet::built_in().unwrap();
    let members = crate::mail::samples::recipients().unwrap();
    let shop = crate::mail::samples::shop().unwrap();
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Confirmation) {
        for language in Language::ALL {
            for (at, letter) in set.sample_letters(kind, language).into_iter().enumerate() {
                let letter = letter.unwrap();
                let member = &members[at % 2];
                let confirmed = crate::text::dates::day(member.confirmed_on, language);
                for part in [&letter.text, &letter.html] {
                    let part = part.replace('\n', " ");
                    for words in [
                        shop.name.as_str(),
                        &shop.legal_name,
                        &shop.postal_address,
                        shop.privacy_url.as_str(),
                        member.unsubscribe_url.as_str(),
                        &confirmed,
                    ] {
                        assert!(part.contains(words), "{kind} in {language} does not say {words}: {part}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_rule_is_documented() {
    let documentation = include_str!("../../../docs/mail.md");
    for rule in rules::ALL {
        assert!(documentation.contains(&format!("`{}`", rule.id)), "docs/mail.md does not explain `{}`", rule.id);
    }
}

#[test]
fn every_rule_says_what_to_do_in_every_language() {
    for rule in rules::ALL {
        for language in InterfaceLanguage::ALL {
            let remedy = in_words(&rule.remedy(), language);
            assert!(!remedy.starts_with(rule.message), "{language}: `{}` has no remedy", rule.message);
        }
    }
}
