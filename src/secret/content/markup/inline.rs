//! Which marks belong together, and what they make of the words between them.

use super::tokens::{Token, tokens};
use super::{Draft, Mark};
use crate::secret::message::EntityKind;

/// Reads a source without quotes.
pub fn read(source: &str, draft: &mut Draft) {
    emit(&tokens(source), draft);
}

fn emit(tokens: &[Token<'_>], draft: &mut Draft) {
    let mut open = Vec::new();
    for (token, role) in tokens.iter().zip(roles(tokens)) {
        match (token, role) {
            (Token::Plain(plain), _) => draft.push(plain),
            (Token::Code(kind, code), _) => {
                let entity = draft.open(kind.clone());
                draft.push(code);
                draft.close(entity);
            }
            (Token::Link { url, words }, _) => {
                let entity = draft.open(EntityKind::TextUrl(url.clone()));
                emit(words, draft);
                draft.close(entity);
            }
            (Token::Mark { mark, .. }, Role::Opens) => open.push(draft.open(mark.kind())),
            (Token::Mark { .. }, Role::Closes) => {
                open.pop().into_iter().for_each(|entity| draft.close(entity));
            }
            (Token::Mark { mark, .. }, Role::Stays) => draft.push(mark.sign()),
        }
    }
}

/// What becomes of a token; only marks can be more than what was typed.
#[derive(Clone, Copy)]
enum Role {
    Opens,
    Closes,
    Stays,
}

/// Pairs the marks that surround something, so that pairs nest. A mark that is open when one around it closes is none.
fn roles(tokens: &[Token<'_>]) -> Vec<Role> {
    let mut roles = vec![Role::Stays; tokens.len()];
    let mut open: Vec<(Mark, usize)> = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        let Token::Mark { mark, can_open, can_close } = token else { continue };
        let same = open.iter().enumerate().find(|(_, (opened, _))| opened == mark);
        match same.map(|(depth, &(_, first))| (depth, first)) {
            Some((depth, first)) if *can_close && first + 1 < place => {
                let pair = [(first, Role::Opens), (place, Role::Closes)];
                for (place, role) in pair {
                    roles.get_mut(place).into_iter().for_each(|slot| *slot = role);
                }
                open.truncate(depth);
            }
            None if *can_open => open.push((*mark, place)),
            _ => {}
        }
    }
    roles
}
