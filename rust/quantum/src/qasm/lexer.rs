//! From characters to tokens. Refuses to know what any word means.

use super::error::{Place, QasmError, Result, excerpt};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    /// `$3`, a physical qubit.
    Physical(u32),
    Integer(i64),
    Real(f64),
    /// A number with a unit of time stuck to it: `100dt`.
    Duration(String),
    /// Between double quotes.
    Text(String),
    Symbol(&'static str),
    End,
}

impl Token {
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Name(name) => format!("'{}'", excerpt(name)),
            Self::Physical(k) => format!("'${k}'"),
            Self::Integer(k) => k.to_string(),
            Self::Real(x) => x.to_string(),
            Self::Duration(text) => format!("'{}'", excerpt(text)),
            Self::Text(text) => format!("\"{}\"", excerpt(text)),
            Self::Symbol(symbol) => format!("'{symbol}'"),
            Self::End => "the end of the text".to_owned(),
        }
    }
}

/// Longest first, so that `==` is not two of `=`.
const SYMBOLS: [&str; 44] = [
    "**=", "<<=", ">>=", "==", "!=", "<=", ">=", "&&", "||", "->", "**", "++", "<<", ">>", "+=", "-=", "*=", "/=", "%=", "&=",
    "|=", "^=", "~=", "(", ")", "[", "]", "{", "}", ",", ";", ":", "=", "<", ">", "+", "-", "*", "/", "%", "^", "&", "|", "!",
];
/// Symbols that stand alone in every position.
const SINGLES: [&str; 3] = ["~", "@", "#"];

/// Gives tokens one at a time, so that a long text is never held twice.
pub(super) struct Lexer<'a> {
    rest: &'a str,
    place: Place,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text, place: Place { line: 1, column: 1 } }
    }

    /// The next token and its place; [`Token::End`] for ever after the last.
    pub(super) fn next(&mut self) -> Result<(Token, Place)> {
        self.skip_blanks()?;
        let place = self.place;
        Ok((self.token()?, place))
    }

    /// Throws away the rest of this line: an annotation or a pragma is not made of tokens.
    pub(super) fn skip_line(&mut self) {
        self.take_while(|c| c != '\n');
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn advance(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        self.rest = chars.as_str();
        if c == '\n' {
            self.place = Place { line: self.place.line.saturating_add(1), column: 1 };
        } else {
            self.place.column = self.place.column.saturating_add(1);
        }
        Some(c)
    }

    /// What is in front as long as `keep` likes it.
    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let start = self.rest;
        while self.peek().is_some_and(&keep) {
            self.advance();
        }
        &start[..start.len() - self.rest.len()]
    }

    fn skip_blanks(&mut self) -> Result<()> {
        loop {
            self.take_while(char::is_whitespace);
            if self.rest.starts_with("//") {
                self.take_while(|c| c != '\n');
            } else if self.rest.starts_with("/*") {
                let start = self.place;
                let Some(end) = self.rest.find("*/") else {
                    return Err(QasmError::wrong(start, "'*/'", "the end of the text", "this comment is never closed"));
                };
                let left = self.rest.len() - end - 2;
                while self.rest.len() > left {
                    self.advance();
                }
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<Token> {
        let place = self.place;
        let Some(c) = self.peek() else { return Ok(Token::End) };
        if c.is_alphabetic() || c == '_' {
            return Ok(Token::Name(self.take_while(|c| c.is_alphanumeric() || c == '_').to_owned()));
        }
        if c.is_ascii_digit() || c == '.' {
            return self.number();
        }
        if c == '"' {
            self.advance();
            let text = self.take_while(|c| c != '"' && c != '\n').to_owned();
            if self.advance() != Some('"') {
                return Err(QasmError::wrong(place, "a closing '\"' on the same line", "the end of the line", ""));
            }
            return Ok(Token::Text(text));
        }
        if c == '$' {
            self.advance();
            let digits = self.take_while(|c| c.is_ascii_digit());
            let wrong =
                |_| QasmError::wrong(place, "a number after '$'", format!("'${}'", excerpt(digits)), "as $0, a physical qubit");
            return Ok(Token::Physical(digits.parse().map_err(wrong)?));
        }
        for symbol in SYMBOLS.iter().chain(&SINGLES) {
            if self.rest.starts_with(symbol) {
                for _ in symbol.chars() {
                    self.advance();
                }
                return Ok(Token::Symbol(symbol));
            }
        }
        Err(QasmError::wrong(place, "OpenQASM", format!("the character '{}'", c.escape_default()), ""))
    }

    fn number(&mut self) -> Result<Token> {
        let place = self.place;
        let start = self.rest;
        let base = match self.rest.as_bytes() {
            [b'0', b'x' | b'X', ..] => Some(16),
            [b'0', b'b' | b'B', ..] => Some(2),
            [b'0', b'o' | b'O', ..] => Some(8),
            _ => None,
        };
        if let Some(base) = base {
            self.advance();
            self.advance();
            let digits: String = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_').replace('_', "");
            let wrong =
                |_| QasmError::wrong(place, "an integer below 2^63", excerpt(&start[..start.len() - self.rest.len()]), "");
            return Ok(Token::Integer(i64::from_str_radix(&digits, base).map_err(wrong)?));
        }
        let mut real = false;
        self.take_while(|c| c.is_ascii_digit() || c == '_');
        // `0:3` is a range, `1.5` a number, `1.` one too.
        if self.peek() == Some('.') {
            real = true;
            self.advance();
            self.take_while(|c| c.is_ascii_digit() || c == '_');
        }
        let tail = self.rest.as_bytes();
        let exponent = match tail {
            [b'e' | b'E', b'+' | b'-', d, ..] if d.is_ascii_digit() => 2,
            [b'e' | b'E', d, ..] if d.is_ascii_digit() => 1,
            _ => 0,
        };
        if exponent > 0 {
            real = true;
            for _ in 0..exponent {
                self.advance();
            }
            self.take_while(|c| c.is_ascii_digit());
        }
        let digits = start[..start.len() - self.rest.len()].replace('_', "");
        if self.peek().is_some_and(|c| c.is_alphabetic()) {
            let unit = self.take_while(|c| c.is_alphanumeric());
            if ["dt", "ns", "us", "µs", "μs", "ms", "s"].contains(&unit) {
                return Ok(Token::Duration(format!("{digits}{unit}")));
            }
            let hint = "names start with a letter, units of time are dt, ns, us, ms and s";
            return Err(QasmError::wrong(place, "a number", format!("'{}'", excerpt(&format!("{digits}{unit}"))), hint));
        }
        let shown = || format!("'{}'", excerpt(&digits));
        if real {
            match digits.parse::<f64>() {
                Ok(x) if x.is_finite() => Ok(Token::Real(x)),
                _ => Err(QasmError::wrong(place, "a finite number", shown(), "")),
            }
        } else {
            digits.parse().map(Token::Integer).map_err(|_| QasmError::wrong(place, "an integer below 2^63", shown(), ""))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Vec<(Token, Place)>> {
        let mut lexer = Lexer::new(text);
        let mut out = Vec::new();
        while out.last().is_none_or(|(t, _)| *t != Token::End) {
            out.push(lexer.next()?);
        }
        Ok(out)
    }

    fn words(text: &str) -> Vec<Token> {
        tokens(text).map(|t| t.into_iter().map(|(t, _)| t).collect()).unwrap_or_default()
    }

    #[test]
    fn numbers_of_every_kind() {
        let wanted = vec![
            Token::Integer(12),
            Token::Real(1.5),
            Token::Real(2.0),
            Token::Real(0.5),
            Token::Real(1e-3),
            Token::Integer(255),
            Token::Integer(5),
            Token::Integer(1000),
            Token::Duration("100dt".into()),
            Token::End,
        ];
        assert_eq!(words("12 1.5 2. .5 1e-3 0xff 0b101 1_000 100dt"), wanted);
    }

    #[test]
    fn ranges_and_long_symbols() {
        use Token::{Integer, Name, Symbol};
        assert_eq!(words("0:3"), [Integer(0), Symbol(":"), Integer(3), Token::End]);
        assert_eq!(
            words("a**b!=c->d"),
            [
                Name("a".into()),
                Symbol("**"),
                Name("b".into()),
                Symbol("!="),
                Name("c".into()),
                Symbol("->"),
                Name("d".into()),
                Token::End
            ]
        );
    }

    #[test]
    fn places_count_characters_and_skip_comments() -> Result<()> {
        let found = tokens("// one\n/* two\n*/ π h")?;
        let places: Vec<_> = found.iter().map(|(_, p)| (p.line, p.column)).collect();
        assert_eq!(places, [(3, 4), (3, 6), (3, 7)]);
        Ok(())
    }

    #[test]
    fn what_is_no_token_is_named_with_its_place() {
        for (text, message) in [
            ("h q;\n  §", "OpenQASM line 2, column 3: expected OpenQASM, found the character '\\u{a7}'"),
            ("/* x", "OpenQASM line 1, column 1: expected '*/', found the end of the text (this comment is never closed)"),
            ("\"a\nb\"", "OpenQASM line 1, column 1: expected a closing '\"' on the same line, found the end of the line"),
            ("99999999999999999999", "OpenQASM line 1, column 1: expected an integer below 2^63, found '99999999999999999999'"),
            ("1e999", "OpenQASM line 1, column 1: expected a finite number, found '1e999'"),
            (
                "2q",
                "OpenQASM line 1, column 1: expected a number, found '2q' (names start with a letter, units of time are dt, ns, us, ms and s)",
            ),
        ] {
            assert_eq!(tokens(text).err().map(|e| e.to_string()), Some(message.to_owned()), "{text}");
        }
    }
}
