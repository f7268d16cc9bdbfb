//! Workbooks as tables: members, prices, offers and people who left come from a sheet as from a CSV file.

use carillon::language::InterfaceLanguage;

use crate::support::build::campaign;
use crate::support::folder::ShopFolder;
use crate::support::session::Session;
use crate::support::workbook::Cell::{Date, Empty, Error, Formula, Number, Text};
use crate::support::workbook::{Cell, workbook};

const NOW: &str = "2026-12-01T09:00:00Z";

/// The first of September 2026, and the fourteenth at two minutes past six in the evening.
const SEPTEMBER: f64 = 46_266.0;
const EVENING: f64 = 46_279.751_388_888_89;

const PRICES: &[&[Cell]] = &[
    &[Text("Nos prix"), Empty, Empty],
    &[],
    &[
        Text("sku"),
        Text("channel"),
        Text("market"),
        Text("audience"),
        Text("from"),
        Text("price"),
        Text("currency"),
        Text("source"),
    ],
];

fn price(sku: Cell, price: Cell) -> [Cell; 8] {
    [sku, Text("online"), Text("FR"), Text("public"), Date(SEPTEMBER), price, Text("EUR"), Text("étiquette")]
}

#[test]
fn prices_come_from_a_sheet() {
    let mut session = Session::new(ShopFolder::configured(), NOW);
    let rows = [
        price(Text("BOT-1"), Number(1_249.9)),
        price(Number(3_700_000_000_001.0), Number(0.1 + 0.2 + 88.7)),
        price(Text("BOT-3"), Error("#REF!")),
        price(Text("BOT-4"), Formula("F4*0.8")),
        price(Text("BOT-5"), Number(79.992)),
        price(Text("BOT-6"), Text("129,00 €")),
    ];
    let head = PRICES[2..].iter().copied();
    let table: Vec<&[Cell]> = head.chain(rows.iter().map(|row| &row[..])).collect();
    session.write("prix.xlsx", workbook(&[("Prix", true, &table)]));
    session.say("price import prix.xlsx");
    let report = session.read("prix.rejected.csv");
    session.tell(&report);
    session.matches("workbook-prices");
    session.speaks(InterfaceLanguage::Fr);
    let said = session.hear("price import prix.xlsx");
    assert!(said.contains("3 déjà connues, 3 refusées"), "{said}");
    let refused = session.read("prix.rejected-2.csv");
    assert!(refused.contains("4;`price` n’a pas de valeur\u{a0}: la feuille montre `#REF!`;BOT-3"), "{refused}");
    // What stands above the table is taken for its header, and the place is named.
    let all = PRICES.iter().copied();
    let titled: Vec<&[Cell]> = all.chain(rows.iter().map(|row| &row[..])).collect();
    session.write("titre.xlsx", workbook(&[("Prix", true, &titled)]));
    let said = session.hear("price import titre.xlsx");
    assert!(said.contains("titre.xlsx [Prix]:1") && said.contains("nos prix"), "{said}");
}

#[test]
fn a_sheet_is_chosen_by_its_name_its_number_or_because_it_is_the_only_one() {
    let shop = ShopFolder::configured();
    let row = price(Text("BOT-1"), Number(89.9));
    let table: &[&[Cell]] = &[PRICES[2], &row];
    let notes: &[&[Cell]] = &[&[Text("rien")]];
    let sheets =
        [("Notes", true, notes), ("Prix 2026", true, table), ("Vide", true, &[][..]), ("Ancien", false, table)];
    shop.write("prix.xlsx", workbook(&sheets));
    let said = shop.run(&["price", "import", "prix.xlsx"]).exits(1);
    assert!(said.stdout.contains("several sheets have something in them: `Notes`, `Prix 2026`"), "{said:?}");
    shop.run(&["price", "import", "prix.xlsx", "--sheet", "prix 2026"]).exits(0);
    shop.run(&["price", "import", "prix.xlsx", "--sheet", "2"]).exits(0);
    shop.run(&["price", "import", "prix.xlsx", "--sheet", "Ancien"]).exits(0);
    let said = shop.run(&["price", "import", "prix.xlsx", "--sheet", "9"]).exits(1);
    assert!(
        said.stdout.contains("there is no sheet `9`; there are `Notes`, `Prix 2026`, `Vide`, `Ancien`"),
        "{said:?}"
    );
    shop.write("une.xlsx", workbook(&[("Vide", true, &[]), ("Prix", true, table)]));
    shop.run(&["price", "import", "une.xlsx"]).exits(0);
    shop.write("prix.csv", "sku,price\n");
    let said = shop.run(&["price", "import", "prix.csv", "--sheet", "Prix"]).exits(1);
    assert!(said.stdout.contains("a sheet was named, and this is no workbook"), "{said:?}");
}

#[test]
fn members_and_those_who_left_come_from_sheets() {
    let shop = ShopFolder::configured();
    let head: &[Cell] =
        &[Text("address"), Text("language"), Text("confirmed_at"), Text("wording"), Text("source"), Text("method")];
    let wording = "J’accepte de recevoir par courriel\nles avant-premières.";
    let member = |address: &'static str, at: Cell| {
        [Text(address), Text("fr"), at, Text(wording), Text("pied-de-page"), Text("web_form")]
    };
    let rows = [member("camille@example.fr", Date(EVENING)), member("lou@example.fr", Date(SEPTEMBER))];
    let table: Vec<&[Cell]> = std::iter::once(head).chain(rows.iter().map(|row| &row[..])).collect();
    shop.write("membres.xlsx", workbook(&[("Membres", true, &table)]));
    let said = shop.run(&["member", "import", "membres.xlsx", "--zone", "Europe/Paris"]).exits(1);
    // A day without its hour is no proof of when.
    assert!(said.stdout.contains("accepted   1") && said.stdout.contains("rejected   1"), "{said:?}");
    let proof = shop.run(&["consent", "prove", "camille@example.fr"]).exits(0);
    assert!(proof.stdout.contains("2026-09-14T16:02:00Z"), "{proof:?}");
    assert!(proof.stdout.contains("les avant-premières."), "{proof:?}");
    shop.write(
        "parties.xlsx",
        workbook(&[("Feuil1", true, &[&[Text("Adresse")], &[Text("camille@example.fr"), Date(EVENING)]])]),
    );
    let said = shop.run(&["member", "withdraw", "--file", "parties.xlsx"]).exits(0);
    assert!(said.stdout.contains('1'), "{said:?}");
    let listed = shop.run(&["member", "list", "--state", "withdrawn"]).exits(0);
    assert_eq!(listed.stdout.lines().count(), 2, "{listed:?}");
}

#[test]
fn people_come_on_a_list_and_leave_by_a_sheet_or_by_a_pipe() {
    let shop = ShopFolder::configured();
    let head = "address;language;confirmed_at;wording;source;method\n";
    let rows = ["camille", "lou", "sacha"]
        .map(|name| format!("{name}@example.fr;fr;2026-03-01T10:00:00Z;Je veux les offres.;form;web_form\n"));
    shop.run_with(&(head.to_owned() + &rows.concat()), &["member", "import", "/dev/stdin"]).exits(0);
    let sheet: &[&[Cell]] = &[&[Text("camille@example.fr")], &[Text("lou@example.fr")]];
    let other: &[&[Cell]] = &[&[Text("sacha@example.fr")]];
    shop.write("club.xlsx", workbook(&[("Club", true, sheet), ("Autres", true, other)]));
    let add = ["list", "add", "club", "--reason", "slips", "--file"];
    let said = shop.run(&[&add[..], &["club.xlsx"]].concat()).exits(1);
    assert!(said.stderr.contains("`Club`") && said.stderr.contains("`Autres`"), "{said:?}");
    let said = shop.run(&[&add[..], &["club.xlsx", "--sheet", "Club"]].concat()).exits(0);
    assert!(said.stdout.contains("put on `club`: 2"), "{said:?}");
    // What can be read once only, in each command that reads people from a file.
    let said = shop.run_with("sacha@example.fr\n", &[&add[..], &["/dev/stdin"]].concat()).exits(0);
    assert!(said.stdout.contains("put on `club`: 1"), "{said:?}");
    shop.run_with("lou@example.fr\n", &["member", "withdraw", "--file", "/dev/stdin"]).exits(0);
    let left = shop.run(&["member", "list", "--state", "withdrawn"]).exits(0);
    assert_eq!(left.stdout.lines().count(), 2, "{left:?}");
}

#[test]
fn a_campaign_names_a_sheet_for_its_prices() {
    let mut session = Session::new(ShopFolder::configured(), NOW);
    let offers: &[&[Cell]] = &[&[Text("sku"), Text("price")], &[Text("BOT-1"), Number(79.9)]];
    let other: &[&[Cell]] = &[&[Text("sku"), Text("price")], &[Text("BOT-2"), Text("cher")]];
    session.write("offres.xlsx", workbook(&[("Bottines", true, offers), ("Sacs", true, other)]));
    session.write("hiver.toml", campaign().offer("Bottines", "offres.xlsx").text());
    let said = session.hear("campaign check hiver.toml");
    assert!(said.contains("several sheets have something in them") && said.contains("file.workbook"), "{said}");
    let named = campaign().offer("Bottines", "offres.xlsx").text();
    session.write("hiver.toml", named.replace("prices =", "sheet = \"Sacs\"\nprices ="));
    let said = session.hear("campaign check hiver.toml");
    assert!(said.contains("offres.xlsx [Sacs]:2") && said.contains("price.offer-unreadable"), "{said}");
    session.write("hiver.toml", named.replace("prices =", "sheet = \"Bottines\"\nprices ="));
    let said = session.hear("campaign check hiver.toml");
    assert!(said.contains("offres.xlsx [Bottines]:2") && said.contains("price.no-prior-price"), "{said}");
}

#[test]
fn what_is_no_workbook_of_ours_is_said_in_words() {
    let shop = ShopFolder::configured();
    shop.write("vieux.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest");
    let said = shop.run(&["price", "import", "vieux.xls", "--lang", "fr"]).exits(1);
    assert!(said.stdout.contains("un ancien format (`.xls`), ou protégé par un mot de passe"), "{said:?}");
    shop.write("coupe.xlsx", &workbook(&[("Prix", true, PRICES)])[..200]);
    let said = shop.run(&["price", "import", "coupe.xlsx"]).exits(1);
    assert!(said.stdout.contains("the workbook cannot be read"), "{said:?}");
    assert!(said.stdout.contains("open it in the spreadsheet and save it again"), "{said:?}");
}
