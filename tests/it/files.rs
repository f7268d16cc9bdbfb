//! Files on disk: how a person's text is read, and who can read what the program wrote.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::support::build::campaign_announced_in;
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
            // Each shop has kept its record since it was made.
            let lasting = |text: &str| {
                let lines = text.lines().filter(|line| !line.contains("Carillon knows of no sale before"));
                lines.map(str::to_owned).collect::<Vec<_>>()
            };
            let (plain, marked) = ((plain.code, lasting(&plain.stdout)), (marked.code, lasting(&marked.stdout)));
            assert_eq!(marked, plain, "{command}");
        }
    }
}

#[test]
fn a_file_in_another_encoding_is_named_with_its_line() {
    let shop = shop();
    for (name, command) in [
        ("calendars/fr-summer-2028.toml", &["calendar", "ics", "--market", "FR", "--channel", "store"][..]),
        ("email_templates/opening/subject.txt", &["mail", "lint"]),
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
        .replacen("# username ", "username ", 1)
        .replacen("# password_file ", "password_file ", 1);
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

#[cfg(unix)]
#[test]
fn a_row_of_an_import_leads_to_no_secret() {
    let shop = shop();
    let at = |name: &str| shop.path().join(name);
    fs::create_dir(at("import")).unwrap();
    fs::write(at("secret.txt"), "this is a secret of three words and more").unwrap();
    fs::write(at("import/wording.txt"), "J’accepte de recevoir l’annonce des avant-premières.\n").unwrap();
    fs::copy(at("carillon.keys"), at("import/renamed.txt")).unwrap();
    std::os::unix::fs::symlink(at("secret.txt"), at("import/linked.txt")).unwrap();
    let absolute = at("secret.txt");
    let names = [
        "wording.txt",
        "../carillon.keys",
        "../secret.txt",
        "linked.txt",
        "renamed.txt",
        absolute.to_str().unwrap(),
        "/etc/passwd",
    ];
    let rows = names.iter().enumerate().map(|(number, name)| {
        format!("a{number}@example.fr;fr;2026-09-14T18:02:11+02:00;{name};form:footer;double_optin\n")
    });
    let header = "address;language;confirmed_at;wording_file;source;method\n".to_owned();
    fs::write(at("import/members.csv"), std::iter::once(header).chain(rows).collect::<String>()).unwrap();
    let said = carillon(shop.path(), &["member", "import", "import/members.csv"]).exits(1);
    assert!(said.stdout.contains("accepted   1\n") && said.stdout.contains("rejected   6\n"), "{}", said.stdout);
    let store = ["carillon.db", "carillon.db-wal"].map(|name| fs::read(at(name)).unwrap_or_default()).concat();
    let kept = |text: &[u8]| store.windows(text.len()).any(|window| window == text);
    assert!(kept("l’annonce des".as_bytes()) && !kept(b"this is a secret") && !kept(b"root:x"));
    assert!(!kept(b"secret = "), "the keys");
}

/// Runs `carillon` with nothing masked, so that every file is as open as the program makes it.
#[cfg(unix)]
fn unmasked(folder: &Path, arguments: &[&str]) -> std::process::Command {
    let mut carillon = vec!["-c", "umask 0; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_carillon")];
    carillon.extend(arguments);
    let mut command = std::process::Command::new("sh");
    command.args(carillon).current_dir(folder).env_remove("CARILLON_STORE_URL").env("CARILLON_USER", "camille");
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    command
}

#[cfg(unix)]
#[test]
fn files_with_people_in_them_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let run = |arguments: &[&str]| unmasked(folder.path(), arguments).status().unwrap().code();
    assert_eq!(run(&["init"]), Some(0));
    fs::write(at("campaign.toml"), campaign_announced_in(-1).text()).unwrap();
    let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let settings = fs::read_to_string(at("carillon.toml")).unwrap().replace("127.0.0.1:8080", &listen);
    fs::write(at("carillon.toml"), settings).unwrap();
    let members = include_str!("../../config/examples/members.csv").to_owned() + "no-address,fr,,,,\n";
    fs::write(at("members.csv"), members).unwrap();
    fs::write(at("opt-outs.txt"), "nobody at example.fr\n").unwrap();
    assert_eq!(run(&["campaign", "apply", "campaign.toml"]), Some(0));
    assert_eq!(run(&["member", "import", "members.csv"]), Some(1));
    assert_eq!(run(&["member", "withdraw", "--file", "opt-outs.txt"]), Some(1));
    assert_eq!(run(&["consent", "anchor", "anchors.txt"]), Some(0));
    assert_eq!(run(&["db", "backup", "backup.db"]), Some(0));
    let mut daemon = unmasked(folder.path(), &["run"]).spawn().unwrap();
    let begun = std::time::Instant::now();
    let sent = || {
        at("outbox").is_dir() && files(&at("outbox")).iter().any(|path| path.extension().is_some_and(|e| e == "eml"))
    };
    while !sent() && begun.elapsed() < std::time::Duration::from_mins(1) {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let beside: Vec<(PathBuf, u32)> =
        files(folder.path()).into_iter().map(|path| (path.clone(), mode(&path))).collect();
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    // What people write and share, and the sample that `init` writes, is for the umask to say.
    let shared = [
        "carillon.toml",
        "campaign.toml",
        "journees-magiques.toml",
        "members.csv",
        "members.example.csv",
        "opt-outs.txt",
    ];
    for (path, mode) in &beside {
        let name = path.strip_prefix(folder.path()).unwrap().to_str().unwrap();
        if !shared.contains(&name) && !name.starts_with("offers/") {
            assert_eq!(*mode, 0o600, "{name}");
        }
    }
    assert_eq!(mode(&at("outbox")), 0o700);
    for name in [
        "carillon.db",
        "carillon.db-wal",
        "carillon.db-shm",
        "carillon.db.lock",
        "carillon.anchors",
        "members.rejected.csv",
        "opt-outs.unread.csv",
    ] {
        assert!(beside.iter().any(|(path, _)| *path == at(name)), "{name} is not there: {beside:?}");
    }
    assert!(sent(), "{beside:?}");

    // What an older program left open is shut when it is used.
    for name in ["carillon.db", "carillon.db-wal", "anchors.txt"] {
        fs::set_permissions(at(name), fs::Permissions::from_mode(0o644)).unwrap();
    }
    assert_eq!(run(&["consent", "anchor", "anchors.txt"]), Some(0));
    for name in ["carillon.db", "anchors.txt"] {
        assert_eq!(mode(&at(name)), 0o600, "{name}");
    }
    // Gates are for others to read.
    assert_eq!(run(&["gate", "export", "--out", "public"]), Some(0));
    for path in files(&at("public")) {
        assert_eq!(mode(&path) & 0o444, 0o444, "{path:?}");
    }
}

#[cfg(feature = "postgres")]
#[test]
fn the_password_of_a_store_is_shown_nowhere() {
    let shop = shop();
    for url in [
        "postgres://shop:geheim@127.0.0.1:1/x",
        "postgres://127.0.0.1:1/x?user=shop&password=geheim",
        "postgres://127.0.0.1:1/x?user=shop&password=geheim&nonsense=1",
        "postgres://shop:geheim@127.0.0.1:1:2/x",
        "postgres://shop:ge@geheim@127.0.0.1:1/x",
        "postgres://shop:geheim%zz@127.0.0.1:1/x",
        "postgres://shop:geheim/@127.0.0.1:1/x",
        "postgres://[::1/x?password=geheim",
        "mysql://shop:geheim@127.0.0.1/x",
        "host=127.0.0.1 password=geheim",
    ] {
        for arguments in [&["status"][..], &["run", "--log", "debug"], &["db", "migrate"]] {
            let mut command = crate::support::cli::command(shop.path(), arguments);
            let output = command.env("CARILLON_STORE_URL", url).output().unwrap();
            let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert!(matches!(output.status.code(), Some(2 | 3)), "{url}: {said}");
            assert!(!said.contains("geheim"), "{url}: {said}");
        }
        // Written into the file that others can read, it is refused or at least not repeated.
        let settings = fs::read_to_string(shop.path().join("carillon.toml")).unwrap();
        fs::write(shop.path().join("carillon.toml"), settings.replace("sqlite:carillon.db", url)).unwrap();
        let said = carillon(shop.path(), &["status"]).exits(2);
        assert!(!format!("{said:?}").contains("geheim"), "{url}: {said:?}");
        fs::write(shop.path().join("carillon.toml"), settings).unwrap();
    }
}
