//! Files on disk: how a person's text is read, and who can read what the program wrote.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::support::cli::{Said, carillon};

/// Every file below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// A shop's folder with a text of every kind that a person writes.
fn shop() -> TempDir {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    carillon(folder.path(), &["init"]).exits(0);
    let settings = fs::read_to_string(at("carillon.toml")).unwrap();
    fs::write(at("carillon.toml"), settings.replace("# templates ", "templates ")).unwrap();
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("email_templates");
    for file in files(&templates) {
        let copy = at("email_templates").join(file.strip_prefix(&templates).unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(&file, copy).unwrap();
    }
    let order = ["calendar", "override", "add", "--market", "FR", "--season", "summer", "--year", "2028"];
    let days = ["--first-day", "2028-07-05", "--last-day", "2028-08-01", "--source", "https://example.org/arrete"];
    carillon(folder.path(), &[&order[..], &days[..]].concat()).exits(0);
    let members = "address;language;confirmed_at;wording_file;source;method\n\
                   camille@example.fr;fr;2026-09-14T18:02:11+02:00;wording.txt;form:footer;double_optin\n";
    fs::write(at("members.csv"), members).unwrap();
    fs::write(at("wording.txt"), "J’accepte de recevoir l’annonce des avant-premières.\n").unwrap();
    let prices =
        "sku,channel,market,audience,from,price,currency\nBOT-0371-38,online,FR,public,2026-09-01,129.00,EUR\n";
    fs::write(at("prices.csv"), prices).unwrap();
    folder
}

/// What commands that read every one of those texts say.
fn said(folder: &Path) -> Vec<(Vec<&'static str>, Said)> {
    let commands: [&[&str]; 8] = [
        &["calendar", "list", "--market", "FR", "--channel", "store", "--from", "2028-06-01", "--to", "2028-08-31"],
        &["mail", "lint"],
        &["member", "import", "members.csv"],
        &["consent", "prove", "camille@example.fr"],
        &["price", "import", "prices.csv"],
        &["campaign", "check", "journees-magiques.toml"],
        &["campaign", "plan", "journees-magiques.toml"],
        &["mail", "preview", "announcement", "--campaign", "journees-magiques.toml"],
    ];
    commands.into_iter().map(|command| (command.to_vec(), carillon(folder, command))).collect()
}

#[test]
fn a_byte_order_mark_is_dropped_wherever_text_is_read() {
    let (plain, marked) = (shop(), shop());
    for file in files(marked.path()) {
        if file.extension().is_some_and(|extension| extension != "db") {
            let text = fs::read(&file).unwrap();
            fs::write(&file, [b"\xef\xbb\xbf", &text[..]].concat()).unwrap();
        }
    }
    for ((command, plain), (_, marked)) in said(plain.path()).into_iter().zip(said(marked.path())) {
        let command = command.join(" ");
        assert!(plain.code < 2, "{command}: {plain:?}");
        if command.starts_with("consent") {
            assert!(plain.stdout.contains("avant-premières") && marked.stdout.contains("avant-premières"));
        } else {
            assert_eq!((marked.code, &marked.stdout), (plain.code, &plain.stdout), "{command}\n{}", marked.stderr);
        }
    }
}

#[test]
fn a_file_in_another_encoding_is_named_with_its_line() {
    let shop = shop();
    for (name, command) in [
        ("calendars/fr-summer-2028.toml", &["calendar", "ics", "--market", "FR", "--channel", "store"][..]),
        ("email_templates/opening/subject.txt", &["mail", "lint"]),
        ("members.csv", &["member", "import", "members.csv"]),
        ("journees-magiques.toml", &["campaign", "check", "journees-magiques.toml"]),
        ("carillon.toml", &["status"]),
    ] {
        let path = shop.path().join(name);
        let good = fs::read(&path).unwrap();
        fs::write(&path, [&good[..], b"\n\xe9"].concat()).unwrap();
        let line = good.split(|byte| *byte == b'\n').count() + 1;
        let said = carillon(shop.path(), command);
        let all = format!("{}{}", said.stdout, said.stderr);
        assert!(said.code == 1 || said.code == 2, "{name}: {said:?}");
        assert!(all.contains(&format!("{name}:{line}:1")) && all.contains("encoding UTF-8"), "{name}:{line}: {all}");
        fs::write(&path, good).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let shop = shop();
    let at = |name: &str| shop.path().join(name);
    let settings = fs::read_to_string(at("carillon.toml")).unwrap();
    let with_login = settings
        .replace("transport     = \"directory\"", "transport     = \"smtp\"")
        .replace("# username ", "username ")
        .replace("# password_file ", "password_file ");
    fs::write(at("carillon.toml"), with_login).unwrap();
    fs::write(at("smtp.password"), "geheim\n").unwrap();
    for name in ["smtp.password", "carillon.keys"] {
        for mode in [0o644, 0o640, 0o604, 0o602] {
            fs::set_permissions(at(name), fs::Permissions::from_mode(mode)).unwrap();
            let said = carillon(shop.path(), &["consent", "prove", "camille@example.fr"]).exits(2);
            let expected = format!("{name}` is open to others (mode {mode:o}); run `chmod 600 ");
            assert!(said.stderr.contains(&expected) && !said.stderr.contains("geheim"), "{}", said.stderr);
        }
        fs::set_permissions(at(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    carillon(shop.path(), &["consent", "prove", "camille@example.fr"]).exits(1);
}
