//! Two invented shops that look different.

use crate::tidy::root;

/// The section `[brand]` with `lines`, whose logos are those of the shop `name` among the fixtures.
fn section(name: &str, lines: &str) -> String {
    let file = |end: &str| root().join(format!("tests/fixtures/brand/{name}{end}")).display().to_string();
    format!(
        "[brand]\nlogo = '{}'\nlogo_dark = '{}'\nletter_logo = '{}'\nletter_logo_dark = '{}'\n{lines}",
        file(".svg"),
        file("-dark.svg"),
        file(".png"),
        file("-dark.png")
    )
}

/// A shoemaker's, in dark green and fine serifs.
pub fn odette() -> String {
    section(
        "odette",
        "colour = \"#14433d\"\ntypeface = \"didone\"\nlegal_url = \"https://shop.example.fr/mentions\"\n\
         terms_url = \"https://shop.example.fr/cgv\"\n",
    )
}

/// A shop for children, in orange, plain letters and round corners.
pub fn plume() -> String {
    section("plume", "colour = \"#d9481c\"\ntypeface = \"grotesque\"\ncorners = \"round\"\n")
}
