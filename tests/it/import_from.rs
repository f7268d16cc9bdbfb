//! Exports of other programs, in the form that each of them writes: who agreed comes in, who left there does not come in here,
//! and what an export cannot prove is not taken for a proof.

use carillon::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::member::WORDING;
use crate::support::backend::{Backend, both};
use crate::support::folder::ShopFolder;

/// What a spreadsheet adds to an export, from what the shop knows of its form.
const ADDED: &str = "wording,source,method";

fn added() -> String {
    format!("\"{WORDING}\",newsletter-footer,double_optin")
}

/// An instant so many days ago, as Mailchimp writes it: in UTC, without an offset.
fn ago(days: i64) -> String {
    let at: Timestamp = Clock::System.now() - SignedDuration::from_hours(24 * days);
    at.to_zoned_datetime(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

const MAILCHIMP: &str = "\"Email Address\",\"First Name\",\"Last Name\",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,\
                         CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS";

/// A row of a Mailchimp audience; `left` is what the files of those who left have in the place of the last change.
fn mailchimp(address: &str, optin: &str, confirm: &str, left: &str) -> String {
    mailchimp_from("203.0.113.7", address, optin, confirm, left)
}

/// The same, where the form was filled in from `ip`.
fn mailchimp_from(ip: &str, address: &str, optin: &str, confirm: &str, left: &str) -> String {
    let place = "48.8,2.3,1,2,Europe/Paris,FR,IDF";
    let times = format!("\"{optin}\",{ip},\"{confirm}\",203.0.113.9");
    let (tags, changed) = ("\"\"\"vip\"\"\"", format!("\"{confirm}\""));
    let changed = if left.is_empty() { &changed } else { left };
    format!("{address},Camille,Exemple,2,{times},{place},{changed},123,abc,,{tags},{}", added())
}

const LISTMONK: &str = "uuid,email,name,attributes,status,created_at,updated_at";

fn listmonk(address: &str, status: &str) -> String {
    let (made, confirmed) = (format!("{}.123456 +0000 UTC", ago(20)), ago(20));
    let attributes = "\"{\"\"city\"\": \"\"Paris\"\"}\"";
    let uuid = "9c5b0a52-0000-4000-8000-000000000000";
    format!("{uuid},{address},Camille,{attributes},{status},{made},{made},{confirmed},{}", added())
}

fn import(shop: &ShopFolder, file: &str, more: &[&str]) -> Value {
    shop.json(&[&["member", "import", file, "--language", "fr", "--json"], more].concat())
}

#[track_caller]
fn counts(said: &Value) -> [u64; 3] {
    ["accepted", "refreshed", "rejected"].map(|name| said[name].as_u64().unwrap_or_else(|| panic!("{said}")))
}

/// Nobody of the file comes in who left; the file of those who did keeps them out for good.
#[track_caller]
fn left_and_kept_out(shop: &ShopFolder, file: &str, from: &str, more: &[&str], people: u64) {
    let name = format!("{file}.csv");
    let from = [&["--from", from], more].concat();
    let dry = [&["member", "import", &name, "--language", "fr", "--dry-run"], &from[..]].concat();
    let dry = shop.run(&dry).exits(1);
    assert!(dry.stderr.contains("says that this person left"), "{}", dry.stderr);
    let left = format!("{file}.left.csv");
    assert!(!shop.at(&left).exists(), "a dry run writes nothing");
    let said = import(shop, &name, &from);
    assert_eq!(said["reasons"]["left the other program"], people, "{said}");
    assert_eq!(said["left_file"], left);
    let ended = shop.json(&["member", "withdraw", "--file", &left, "--json"]);
    let out = ["done", "no_member"].map(|kind| ended[kind].as_u64().unwrap());
    assert_eq!(out.iter().sum::<u64>(), people, "{ended}");
}

both!(a_mailchimp_audience_comes_in_and_who_left_it_stays_out, |backend| {
    let shop = ShopFolder::on(backend);
    let rows = [
        format!("{MAILCHIMP},{ADDED}"),
        mailchimp("camille@example.fr", &ago(10), &ago(9), ""),
        mailchimp("put-in@example.fr", "", &ago(9), ""),
        mailchimp("old@example.fr", &ago(901), &ago(900), ""),
        // As a program of the account puts addresses in: at one instant, from nowhere.
        mailchimp_from("", "by-program@example.fr", &ago(9), &ago(9), ""),
        mailchimp("unconfirmed@example.fr", &ago(9), &ago(9), ""),
    ];
    shop.write_lines("subscribed.csv", &rows);
    let said = import(&shop, "subscribed.csv", &["--from", "mailchimp"]);
    assert_eq!(counts(&said), [1, 0, 4]);
    let reasons = serde_json::json!({"consent expired": 1, "no act of the person": 2, "not a double opt-in": 1});
    assert_eq!(said["reasons"], reasons);
    let rejected = shop.read("subscribed.rejected.csv");
    for words in ["`optin_time` is empty", "`optin_ip` is empty", "`optin_time` is the instant of the consent itself"] {
        assert!(rejected.contains(words), "{words}: {rejected}");
    }
    assert!(!rejected.contains("camille@"), "{rejected}");
    let proof = shop.run(&["consent", "prove", "camille@example.fr"]).exits(0).stdout;
    assert!(!proof.contains("203.0.113."), "an IP address is not kept: {proof}");
    // A form without a confirmation is a form.
    let row = mailchimp("form@example.fr", &ago(9), &ago(9), "").replace("double_optin", "web_form");
    shop.write_lines("form.csv", &[format!("{MAILCHIMP},{ADDED}"), row]);
    assert_eq!(counts(&import(&shop, "form.csv", &["--from", "mailchimp"])), [1, 0, 0]);
    // Who never subscribed has the same columns, and another file.
    for name in ["nonsubscribed_email_audience_export_1a2b.csv", "sms_only_audience_export_1a2b.csv"] {
        let rows = [format!("{MAILCHIMP},{ADDED}"), mailchimp("never@example.fr", &ago(10), &ago(9), "")];
        shop.write_lines(name, &rows);
        let refused = shop.run(&["member", "import", name, "--from", "mailchimp", "--language", "fr"]).exits(1);
        assert!(refused.stdout.contains("never subscribed"), "{}", refused.stdout);
    }
    // Whoever left is in another file, and is told from a member all the same.
    let when = ago(2);
    let unsubscribed = "UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER";
    let rows = [
        format!("{},{ADDED}", MAILCHIMP.replace("LAST_CHANGED", unsubscribed)),
        mailchimp("camille@example.fr", &ago(10), &ago(9), &format!("\"{when}\",Promo,1,NORMAL,")),
        mailchimp("sacha@example.fr", &ago(10), &ago(9), &format!("\"{when}\",Promo,1,NORMAL,")),
        mailchimp_from("", "put-in@example.org", "", &ago(9), &format!("\"{when}\",Promo,1,NORMAL,")),
    ];
    shop.write_lines("unsubscribed.csv", &rows);
    left_and_kept_out(&shop, "unsubscribed", "mailchimp", &[], 3);
    let rows = [
        format!("{},{ADDED}", MAILCHIMP.replace("LAST_CHANGED", "CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID")),
        mailchimp("dead@example.fr", &ago(10), &ago(9), &format!("\"{when}\",Promo,1")),
    ];
    shop.write_lines("cleaned.csv", &rows);
    left_and_kept_out(&shop, "cleaned", "mailchimp", &[], 1);
    let again = import(&shop, "subscribed.csv", &["--from", "mailchimp"]);
    assert_eq!(counts(&again), [0, 0, 5], "nothing brings them back");
});

both!(a_listmonk_export_says_who_is_blocklisted_and_not_when_anybody_agreed, |backend| {
    let shop = ShopFolder::on(backend);
    let rows = [
        format!("{LISTMONK},confirmed,{ADDED}"),
        listmonk("camille@example.fr", "enabled"),
        listmonk("sacha@example.fr", "blocklisted"),
        listmonk("alex@example.fr", "disabled"),
    ];
    shop.write_lines("subscribers.csv", &rows);
    let command = ["member", "import", "subscribers.csv", "--from", "listmonk", "--language", "fr"];
    let refused = shop.run(&command).exits(1);
    assert!(refused.stdout.contains("`confirmed_at`"), "when it was made is no act: {}", refused.stdout);
    let named = ["--column", "confirmed_at=confirmed", "--zone", "UTC"];
    left_and_kept_out(&shop, "subscribers", "listmonk", &named, 2);
    let proof = shop.run(&["consent", "prove", "camille@example.fr"]).exits(0).stdout;
    assert!(proof.contains("confirmed"), "{proof}");
});

both!(a_brevo_export_is_read_by_an_attribute_of_the_shops_own, |backend| {
    let shop = ShopFolder::on(backend);
    let row = |address: &str, status: &str| {
        let (added_at, modified, agreed) = (ago(20), ago(3), ago(15));
        format!("{address},\"{added_at}\",\"{modified}\",{status},\"{agreed}\",{}", added())
    };
    let rows = [
        format!("EMAIL,ADDED_TIME,MODIFIED_TIME,email_marketing,OPTIN_DATE,{ADDED}"),
        row("camille@example.fr", "subscribed"),
        row("sacha@example.fr", "unsubscribed"),
        row("alex@example.fr", ""),
    ];
    shop.write_lines("brevo.csv", &rows);
    let named = ["--column", "confirmed_at=OPTIN_DATE", "--zone", "Europe/Paris"];
    left_and_kept_out(&shop, "brevo", "brevo", &named, 2);
});

#[test]
fn a_file_of_our_own_is_read_as_ever() {
    let shop = ShopFolder::on(Backend::Sqlite);
    let header = format!("address,language,confirmed_at,status,unsub_time,{ADDED}");
    let row = format!("camille@example.fr,fr,{}Z,disabled,x,{}", ago(3), added());
    shop.write_lines("members.csv", &[header, row]);
    shop.write("members.left.csv", "of the shop's own\n");
    // Who left by a column of the shop's own is for a person to say.
    let unsaid = shop.run(&["member", "import", "members.csv", "--language", "fr"]).exits(1);
    assert!(unsaid.stdout.contains("member.left-unread") && unsaid.stdout.contains("--stays"), "{unsaid:?}");
    let stays = ["--from", "csv", "--stays", "status=disabled"];
    assert_eq!(shop.read("members.left.csv"), "of the shop's own\n");
    assert_eq!(counts(&import(&shop, "members.csv", &stays)), [1, 0, 0]);
    let unknown = shop.run(&["member", "import", "members.csv", "--from", "mailjet"]).exits(2);
    assert!(unknown.stderr.contains("mailchimp"), "{}", unknown.stderr);
}

both!(a_dry_run_counts_an_address_that_stands_twice_as_one_person, |backend| {
    let shop = ShopFolder::on(backend);
    let row = |address: &str, days: i64| format!("{address},fr,{}Z,{}", ago(days), added());
    let same = row("sacha@example.fr", 7);
    let rows = [
        format!("address,language,confirmed_at,{ADDED}"),
        row("camille@example.fr", 10),
        row("Camille@example.fr", 5),
        row("camille@example.fr", 20),
        same.clone(),
        same,
    ];
    shop.write_lines("twice.csv", &rows);
    let of = |more: &[&str]| {
        let said = import(&shop, "twice.csv", more);
        ["accepted", "refreshed", "known", "rejected"].map(|name| said[name].as_u64().unwrap())
    };
    let rehearsed = of(&["--dry-run"]);
    assert_eq!(rehearsed, [2, 1, 2, 0]);
    assert_eq!(of(&[]), rehearsed, "as the import itself");
    assert_eq!(of(&["--dry-run"]), [0, 0, 5, 0]);
});

both!(a_word_that_no_row_has_is_no_word_of_those_who_stay, |backend| {
    let shop = ShopFolder::on(backend);
    let row = |address: &str, left: &str| format!("{address},fr,{}Z,{left},{}", ago(3), added());
    let rows = [
        format!("address,language,confirmed_at,EMAIL_BLACKLISTED,{ADDED}"),
        row("anne@example.fr", "false"),
        row("berthe@example.fr", "TRUE"),
        row("chloe@example.fr", "False"),
        row("diane@example.fr", ""),
    ];
    shop.write_lines("brevo.csv", &rows);
    let import = ["member", "import", "brevo.csv", "--from", "csv"];
    let stays = |word: &str, more: &[&str]| shop.run(&[&import[..], &["--stays", word], more].concat());
    for more in [&[][..], &["--dry-run"]] {
        let refused = stays("EMAIL_BLACKLISTED=non", more).exits(1);
        let said = format!("{}{}", refused.stdout, refused.stderr);
        assert!(said.contains("member.nobody-stays") && said.contains("no row has `non`"), "{said}");
        assert!(said.contains("nothing in 1 row, `false` in 2 rows, `true` in 1 row"), "{said}");
        assert!(!said.contains("withdraw") && !shop.at("brevo.left.csv").exists(), "nobody is to be barred: {said}");
    }
    // What may be about people is not told.
    let refused = stays("address=non", &[]).exits(1).stdout;
    assert!(refused.contains("too varied") && !refused.contains("example.fr"), "{refused}");
    let refused = stays("BLACK=false", &[]).exits(1).stdout;
    assert!(refused.contains("--stays NAME=WORD"), "{refused}");
    let taken = stays("EMAIL_BLACKLISTED=false", &[]).exits(1);
    assert!(taken.stdout.contains("accepted") && shop.at("brevo.left.csv").exists(), "{taken:?}");
    assert!(taken.stderr.contains("`false` in 2 rows; taken for somebody who left: nothing in 1 row"), "{taken:?}");
});

#[test]
fn a_time_without_a_zone_is_told_on_the_screen() {
    let shop = ShopFolder::on(Backend::Sqlite);
    let rows =
        [format!("address,language,confirmed_at,{ADDED}"), format!("anne@example.fr,fr,12/04/2026 18:02,{}", added())];
    shop.write_lines("members.csv", &rows);
    let refused = shop.run(&["member", "import", "members.csv"]).exits(1);
    assert!(refused.stderr.contains("--zone Europe/Paris"), "{refused:?}");
}
