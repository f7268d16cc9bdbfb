//! Folding: one letter for every way of writing it, so that `𝐒ÓL&shy;DĚS` reads as `soldes`.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Whether the character shows nothing and separates nothing: soft hyphens, zero-width and direction characters.
pub(super) fn is_invisible(ch: char) -> bool {
    matches!(ch,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}' | '\u{20E0}'..='\u{20E4}')
        || (ch.is_control() && !ch.is_whitespace())
}

/// Lower case, without accents, full-width and mathematical letters made plain. The script stays.
pub(super) fn fold(ch: char, out: &mut Vec<char>) {
    if is_invisible(ch) {
        return;
    }
    if let Some(letter) = boxed(ch) {
        out.push(letter);
        return;
    }
    for part in std::iter::once(ch).nfkd().filter(|part| !is_combining_mark(*part)) {
        for lower in part.to_lowercase().filter(|lower| !is_combining_mark(*lower)) {
            match lower {
                'œ' => out.extend(['o', 'e']),
                'æ' => out.extend(['a', 'e']),
                'ß' => out.extend(['s', 's']),
                'ς' => out.push('σ'),
                other => out.push(latin_variant(other)),
            }
        }
    }
}

/// Letters in black boxes and discs, and the letters that flags are made of: no decomposition is defined for them.
fn boxed(ch: char) -> Option<char> {
    let point = u32::from(ch);
    let start = [0x1_F150, 0x1_F170, 0x1_F1E6].into_iter().find(|start| (*start..start + 26).contains(&point))?;
    char::from_u32(u32::from('a') + point - start)
}

/// Latin letters of other alphabets' use: small capitals, strokes, open letters.
fn latin_variant(ch: char) -> char {
    match ch {
        'ᴀ' | 'ɑ' | 'ⱥ' => 'a',
        'ʙ' => 'b',
        'ᴄ' => 'c',
        'ᴅ' | 'đ' | 'ɖ' | 'ɗ' => 'd',
        'ᴇ' | 'ɛ' | 'ǝ' | 'ə' => 'e',
        'ꜰ' => 'f',
        'ɢ' => 'g',
        'ʜ' | 'ħ' => 'h',
        'ɪ' | 'ı' | 'ɩ' | 'ɨ' => 'i',
        'ᴊ' => 'j',
        'ᴋ' => 'k',
        'ʟ' | 'ł' | 'ƚ' | 'ɫ' | 'ɭ' => 'l',
        'ᴍ' => 'm',
        'ɴ' => 'n',
        'ᴏ' | 'ø' | 'ɵ' => 'o',
        'ᴘ' => 'p',
        'ʀ' => 'r',
        'ꜱ' | 'ʂ' | 'ƨ' => 's',
        'ᴛ' | 'ŧ' => 't',
        'ᴜ' => 'u',
        'ᴠ' => 'v',
        'ᴡ' => 'w',
        'ʏ' => 'y',
        'ᴢ' => 'z',
        other => other,
    }
}

/// The Latin letter that a folded Cyrillic, Greek or Armenian letter passes for.
pub(super) fn latin(ch: char) -> char {
    match ch {
        'а' | 'α' => 'a',
        'в' | 'β' | 'ь' => 'b',
        'с' => 'c',
        'ԁ' | 'δ' => 'd',
        'е' | 'є' | 'ε' | 'ҽ' => 'e',
        'һ' | 'н' => 'h',
        'і' | 'ι' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'ӏ' | 'ⵏ' => 'l',
        'м' => 'm',
        'п' | 'η' | 'ո' => 'n',
        'о' | 'ο' | 'օ' | 'ჿ' => 'o',
        'р' | 'ρ' => 'p',
        'г' => 'r',
        'ѕ' | 'ꮪ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' => 'u',
        'ѵ' | 'ν' => 'v',
        'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'у' => 'y',
        other => other,
    }
}

/// The Greek letter that a folded Latin letter passes for, for Greek words with Latin letters slipped in.
pub(super) fn greek(ch: char) -> char {
    match ch {
        'a' => 'α',
        'e' => 'ε',
        'i' => 'ι',
        'k' => 'κ',
        'o' => 'ο',
        't' => 'τ',
        'p' => 'ρ',
        'v' => 'ν',
        'x' => 'χ',
        'n' => 'η',
        'u' | 'y' => 'υ',
        other => other,
    }
}

/// The letter that a digit or sign passes for inside a word: `s0ldes`, `$oldes`, `sold€s`.
pub(super) fn disguise(ch: char) -> Option<char> {
    Some(match ch {
        '0' => 'o',
        '1' | '|' => 'l',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut folded = Vec::new();
        text.chars().for_each(|ch| fold(ch, &mut folded));
        assert_eq!(folded.into_iter().map(latin).collect::<String>(), expected);
    }

    #[test]
    fn every_way_of_writing_a_letter_folds_to_it() {
        check("SoLdÉs", "soldes");
        check("ｓｏｌｄｅｓ", "soldes");
        check("𝐬𝐨𝐥𝐝𝐞𝐬 𝓢𝓞𝓛𝓓𝓔𝓢", "soldes soldes");
        check("ⓢⓞⓛⓓⓔⓢ 🅂🄾🄻🄳🄴🅂 🅢🅞🅛🅓🅔🅢 🆂🅾🅻🅳🅴🆂", "soldes soldes soldes soldes");
        check("ѕоӏԁеѕ", "soldes");
        check("ꜱᴏʟᴅᴇꜱ", "soldes");
        check("s\u{336}o\u{336}l\u{336}d\u{336}e\u{336}s", "soldes");
        check("sol\u{AD}d\u{200B}es", "soldes");
        check("Schlußverkauf", "schlussverkauf");
    }
}
