//! HTML character references: named, decimal and hexadecimal.
//!
//! An accented letter is given as its base and a combining mark, which is all that folding needs. Names that no
//! marketing text uses are left as they stand.

/// The characters that a reference stands for, and how many bytes of `text` it takes. `text` starts with `&`.
pub(super) fn decode(text: &str) -> Option<(Vec<char>, usize)> {
    let body = text.strip_prefix('&')?;
    if let Some(number) = body.strip_prefix('#') {
        return decode_number(number).map(|(ch, used)| (vec![ch], used + 2));
    }
    let name: String = body.chars().take(24).take_while(char::is_ascii_alphanumeric).collect();
    let ended = body.get(name.len()..)?.starts_with(';');
    let used = name.len() + 1;
    if ended {
        return named(&name).map(|chars| (chars, used + 1));
    }
    // Browsers accept the old names without their semicolon, also when letters follow.
    (3..=name.len()).rev().find_map(|len| {
        let short = name.get(..len)?;
        (len >= 4 && accented(short).is_some() || matches!(short, "shy" | "nbsp" | "amp"))
            .then(|| named(short).map(|chars| (chars, len + 1)))?
    })
}

fn decode_number(number: &str) -> Option<(char, usize)> {
    let (radix, digits, prefix) =
        number.strip_prefix(['x', 'X']).map_or((10, number, 0), |hexadecimal| (16, hexadecimal, 1));
    let len = digits.chars().take(8).take_while(|ch| ch.is_digit(radix)).count();
    let ch = char::from_u32(u32::from_str_radix(digits.get(..len)?, radix).ok()?)?;
    let semicolon = usize::from(digits.get(len..)?.starts_with(';'));
    Some((ch, prefix + len + semicolon))
}

fn named(name: &str) -> Option<Vec<char>> {
    accented(name).or_else(|| {
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, ch)| vec![*ch]).or_else(|| greek(name).map(|ch| vec![ch]))
    })
}

/// `eacute` is `e` and an acute accent.
fn accented(name: &str) -> Option<Vec<char>> {
    let base = name.chars().next().filter(char::is_ascii_alphabetic)?;
    let mark = match name.get(1..)? {
        "grave" => '\u{300}',
        "acute" => '\u{301}',
        "circ" => '\u{302}',
        "tilde" => '\u{303}',
        "macr" => '\u{304}',
        "breve" => '\u{306}',
        "uml" => '\u{308}',
        "ring" => '\u{30A}',
        "caron" => '\u{30C}',
        "cedil" => '\u{327}',
        _ => return None,
    };
    Some(vec![base, mark])
}

fn greek(name: &str) -> Option<char> {
    const LETTERS: [&str; 25] = [
        "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu",
        "xi", "omicron", "pi", "rho", "sigmaf", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
    ];
    let lower = name.to_ascii_lowercase();
    let index = LETTERS.iter().position(|letter| *letter == lower)?;
    char::from_u32(0x3B1 + u32::try_from(index).ok()?)
}

const NAMES: [(&str, char); 52] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{A0}'),
    ("shy", '\u{AD}'),
    ("zwnj", '\u{200C}'),
    ("zwj", '\u{200D}'),
    ("lrm", '\u{200E}'),
    ("rlm", '\u{200F}'),
    ("ZeroWidthSpace", '\u{200B}'),
    ("NegativeThinSpace", '\u{200B}'),
    ("NoBreak", '\u{2060}'),
    ("InvisibleTimes", '\u{2062}'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("hairsp", '\u{200A}'),
    ("NewLine", '\n'),
    ("Tab", '\t'),
    ("hellip", '…'),
    ("middot", '·'),
    ("centerdot", '·'),
    ("bull", '•'),
    ("sdot", '⋅'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("minus", '−'),
    ("hyphen", '\u{2010}'),
    ("dash", '\u{2010}'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("euro", '€'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("period", '.'),
    ("comma", ','),
    ("colon", ':'),
    ("semi", ';'),
    ("excl", '!'),
    ("ast", '*'),
    ("lowbar", '_'),
    ("sol", '/'),
    ("num", '#'),
    ("oelig", 'œ'),
    ("aelig", 'æ'),
    ("szlig", 'ß'),
];

#[cfg(test)]
mod tests {
    #[track_caller]
    fn check(text: &str, expected: Option<(&str, usize)>) {
        let found = super::decode(text).map(|(chars, used)| (chars.into_iter().collect::<String>(), used));
        assert_eq!(found.as_ref().map(|(chars, used)| (chars.as_str(), *used)), expected);
    }

    #[test]
    fn references_are_read_as_a_browser_reads_them() {
        check("&eacute;s", Some(("e\u{301}", 8)));
        check("&eacutes", Some(("e\u{301}", 7)));
        check("&#115;oldes", Some(("s", 6)));
        check("&#x73;oldes", Some(("s", 6)));
        check("&#x73", Some(("s", 5)));
        check("&shy;", Some(("\u{AD}", 5)));
        check("&epsilon;", Some(("ε", 9)));
        check("& co", None);
        check("&unknown;", None);
        check("&#xFFFFFFFF;", None);
        check("&", None);
    }
}
