//! Marks as users type them, marks that are none, and that what is written says the same again.

use super::*;
use EntityKind::*;
use proptest::prelude::*;

fn entity(offset: u32, length: u32, kind: EntityKind) -> Entity {
    Entity { offset, length, kind }
}

/// The plain text of a source, and its entities.
fn means(source: &str, plain: &str, entities: &[Entity]) {
    let text = parse(source);
    assert_eq!((text.plain.as_str(), &text.entities[..]), (plain, entities), "{source}");
}

#[test]
fn marks_surround_words() {
    means("**bold** and __italic__", "bold and italic", &[entity(0, 4, Bold), entity(9, 6, Italic)]);
    means(
        "++u++ ~~s~~ ||x||",
        "u s x",
        &[entity(0, 1, Underline), entity(2, 1, Strike), entity(4, 1, Spoiler)],
    );
    means("`a**b**`", "a**b**", &[entity(0, 6, Code)]);
    means("**😀 __b__**", "😀 b", &[entity(0, 4, Bold), entity(3, 1, Italic)]);
    means("un**frigging**real", "unfriggingreal", &[entity(2, 8, Bold)]);
    means("**a****b**", "ab", &[entity(0, 1, Bold), entity(1, 1, Bold)]);
    means("**a\nb**", "a\nb", &[entity(0, 3, Bold)]);
}

#[test]
fn blocks_of_code_have_a_language() {
    means("```rust\nlet x = 1;\n```", "let x = 1;", &[entity(0, 10, Pre("rust".into()))]);
    means("a\n```\n> **x**\n\n```\nb", "a\n> **x**\n\nb", &[entity(2, 8, Pre(String::new()))]);
    means("```a b```", "a b", &[entity(0, 3, Pre(String::new()))]);
    means("```two words\nx```", "two words\nx", &[entity(0, 11, Pre(String::new()))]);
}

#[test]
fn words_lead_to_addresses() {
    let to = |url: &str| TextUrl(url.into());
    means(
        "[a **b**](https://x.org/_(y))",
        "a b",
        &[entity(0, 3, to("https://x.org/_(y)")), entity(2, 1, Bold)],
    );
    means("**[ a](x.org)**", " a", &[entity(0, 2, Bold), entity(0, 2, to("x.org"))]);
    means("[a](javascript:x)", "[a](javascript:x)", &[]);
    means("[a]", "[a]", &[]);
    means("[a](x.org", "[a](x.org", &[]);
}

#[test]
fn quotes_begin_at_a_line() {
    means("> a\n> **b**\nc", "a\nb\nc", &[entity(0, 3, Blockquote), entity(2, 1, Bold)]);
    means("> a\n> \n", "a\n\n", &[entity(0, 2, Blockquote)]);
    means("c\n> a", "c\na", &[entity(2, 1, Blockquote)]);
    means("> ", "> ", &[]);
    means("a > b", "a > b", &[]);
    means("**a\n> b**", "**a\nb**", &[entity(4, 3, Blockquote)]);
    means("> ```\n> x\n> ```", "x", &[entity(0, 1, Blockquote), entity(0, 1, Pre(String::new()))]);
}

#[test]
fn what_is_no_mark_stays_as_typed() {
    for plain in [
        "",
        "**",
        "** a **",
        "**a",
        "a**",
        "__init",
        "snake__case__name",
        "C++ and D++",
        "a || b || c",
        "****",
        "1 * 2 ** 3",
        "```",
        "``````",
        "` `",
        "`a",
        "C:\\path\\",
        "f(x)[0]",
        "https://example.org/__a__/**b**",
        "see t.me/__x__ or https://a.b/x__y__z.",
        " a \n\n b\t",
    ] {
        means(plain, plain, &[]);
    }
}

#[test]
fn marks_close_behind_addresses() {
    means("**https://a.b/x__y__**, z", "https://a.b/x__y__, z", &[entity(0, 18, Bold)]);
    means(r"__example.org\*x__😀a", "example.org*x😀a", &[entity(0, 13, Italic)]);
    means(r"https://a.b/**\__example.org**", "https://a.b/__example.org", &[entity(12, 13, Bold)]);
    means(r"||https://a.b/\|||", "https://a.b/|", &[entity(0, 13, Spoiler)]);
    means("||https://a.b||", "https://a.b", &[entity(0, 11, Spoiler)]);
}

#[test]
fn a_backslash_takes_the_meaning() {
    means(r"\**a**", "**a**", &[]);
    means(r"\*\*a\*\*", "**a**", &[]);
    means(r"\> a", "> a", &[]);
    means(r"\[a](x.org)", "[a](x.org)", &[]);
    means(r"\`a`", "`a`", &[]);
    means(r"\\ \a", r"\ \a", &[]);
}

#[test]
fn hostile_sources_are_read_in_time() {
    for pattern in ["**", "[", "[a](", "`", "```", "__a__", "> ", "> \n", "a-", "\\", "||a", "(a"] {
        let source = pattern.repeat(MAX_SOURCE / pattern.len());
        let text = parse(&source);
        assert!(text.plain.len() <= source.len(), "{pattern}");
    }
    let long = "**a** ".repeat(MAX_SOURCE);
    assert_eq!(parse(&long).plain, long);
}

/// Pieces that meet in every way.
fn source() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => proptest::sample::select(vec![
            "**", "__", "++", "~~", "||", "`", "```", "> ", "\n", "[", "](", ")", "\\", "*", "_", "|", "+", "]", ">",
            "```rust\n", "[a](x.org)", "https://a.b/", "www.", "example.org", "/", ".", "(",
        ]).prop_map(str::to_owned),
        2 => "[a-b 😀]{1,3}",
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn whatever_is_typed_becomes_a_sound_text(source in source()) {
        let text = parse(&source);
        prop_assert!(text.plain.chars().count() <= source.chars().count(), "{source:?}");
        let units = u32::try_from(text.len_utf16()).unwrap();
        for entity in &text.entities {
            prop_assert!(entity.length > 0 && entity.offset + entity.length <= units, "{source:?}");
        }
        prop_assert!(text.entities.is_sorted_by_key(|entity| entity.offset), "{source:?}");
    }

    #[test]
    fn text_without_marks_is_unchanged(plain in "[^*_+~|`>\\[\\\\]{0,200}") {
        prop_assert!(parse(&plain) == Text::plain(plain.clone()));
    }
}
