//! From JSON to a checked specification, with complaints that name the place and suggest a spelling.

use serde::de::DeserializeOwned;

use crate::check::{At, Check};
use crate::error::{Kind, SpecError};

/// Parses and checks one specification that users know as `T::NAME`.
///
/// # Errors
/// Unknown and missing fields, wrong types and values out of range, each as one [`SpecError`].
pub fn parse<T: DeserializeOwned + Check>(json: &str) -> Result<T, SpecError> {
    let value: T = read(T::NAME, json)?;
    value.check(&At(&|| T::NAME.to_owned()))?;
    Ok(value)
}

/// Parses without checking ranges.
///
/// # Errors
/// Unknown and missing fields and wrong types.
pub fn read<T: DeserializeOwned>(object: &str, json: &str) -> Result<T, SpecError> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let message = error.inner().to_string();
        let mut complaint = complaint(object, &path, &message);
        if message.starts_with("expected value") {
            // serde_json's words for a number where one of several names belongs.
            complaint.range = "one of the names it knows".into();
            if let Some(value) = value_at(json, &path) {
                complaint.value = value;
            }
        }
        complaint
    })
}

/// The value at a path such as `options.method`, as written.
fn value_at(json: &str, path: &str) -> Option<String> {
    let document: serde_json::Value = serde_json::from_str(json).ok()?;
    let mut place = &document;
    for step in path.split(['.', '[', ']']).filter(|s| !s.is_empty()) {
        place = place.get(step).or_else(|| place.get(step.parse::<usize>().ok()?))?;
    }
    Some(place.to_string())
}

/// Turns serde's sentence into object, parameter, range, value and hint.
fn complaint(object: &str, path: &str, message: &str) -> SpecError {
    let message = message.split(" at line ").next().unwrap_or(message);
    let (parent, leaf) = split_path(object, path);
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let names = quoted(rest);
        let (got, known) = names.split_first().map_or(("", &[][..]), |(g, k)| (g.as_str(), k));
        let holder = if leaf == got { parent } else { join(&parent, &leaf) };
        return SpecError::new(Kind::UnknownField, holder, "field", one_of(known), format!("'{got}'"), suggestion(got, known));
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let names = quoted(rest);
        let (got, known) = names.split_first().map_or(("", &[][..]), |(g, k)| (g.as_str(), k));
        let leaf = if leaf.is_empty() { "value".into() } else { leaf };
        return SpecError::new(Kind::Range, parent, leaf, one_of(known), format!("'{got}'"), suggestion(got, known));
    }
    if let Some(rest) = message.strip_prefix("missing field ") {
        let name = quoted(rest).into_iter().next().unwrap_or_default();
        return SpecError::new(Kind::WrongType, join(&parent, &leaf), name, "given", "nothing", "it has no default");
    }
    let leaf = if leaf.is_empty() { "value".into() } else { leaf };
    if let Some((prefix, rest)) =
        ["invalid type: ", "invalid value: "].into_iter().find_map(|p| Some((p, message.strip_prefix(p)?)))
    {
        let (got, expected) = rest.split_once(", expected ").unwrap_or((rest, "something else"));
        let value = value_words(got);
        // A whole number too large for 64 bits arrives as a float.
        let huge =
            got.starts_with("floating") && value.parse::<f64>().is_ok_and(|x| x.abs() >= i64::MAX as f64 && x.fract() == 0.0);
        let kind = if prefix == "invalid value: " || huge { Kind::Range } else { Kind::WrongType };
        let range = if huge { "an integer below 2^63".into() } else { type_words(expected) };
        return SpecError::new(kind, parent, leaf, range, value, "");
    }
    if let Some(rest) = message.strip_prefix("invalid length ") {
        let (got, expected) = rest.split_once(", expected ").unwrap_or((rest, "something else"));
        return SpecError::new(Kind::WrongType, parent, leaf, type_words(expected), format!("{got} values"), "");
    }
    SpecError::new(Kind::WrongType, parent, leaf, "readable", message, "")
}

/// Rust's type names in plain words.
fn type_words(expected: &str) -> String {
    match expected {
        "i64" => "an integer".into(),
        "u64" | "u32" | "usize" => "an integer >= 0".into(),
        "a boolean" => "True or False".into(),
        "a sequence" => "a list".into(),
        "a map" => "a table".into(),
        "an array of length 4" => "four numbers".into(),
        other => match other.strip_prefix("struct ").or_else(|| other.strip_prefix("enum ")) {
            Some(name) => format!("a {name}"),
            None => other.to_owned(),
        },
    }
}

/// serde's description of a value, as Python would print the value.
fn value_words(got: &str) -> String {
    let inside = got.find('`').and_then(|open| got.rfind('`').filter(|close| *close > open).map(|close| &got[open + 1..close]));
    match (got, inside) {
        (_, Some("true")) if got.starts_with("boolean") => "True".into(),
        (_, Some("false")) if got.starts_with("boolean") => "False".into(),
        (_, Some(number)) if got.starts_with("integer") || got.starts_with("floating") => number.to_owned(),
        ("null", _) => "None".into(),
        ("map", _) => "a table".into(),
        ("sequence", _) => "a list".into(),
        _ => match got.strip_prefix("string ") {
            Some(text) => format!("'{}'", text.trim_matches('"')),
            None => got.replace('`', "'"),
        },
    }
}

fn split_path(object: &str, path: &str) -> (String, String) {
    if path.is_empty() || path == "." {
        return (object.to_owned(), String::new());
    }
    let (parent, leaf) = path.rsplit_once('.').unwrap_or(("", path));
    (join(object, parent), leaf.to_owned())
}

fn join(parent: &str, leaf: &str) -> String {
    if leaf.is_empty() { parent.to_owned() } else { format!("{parent}.{leaf}") }
}

/// The names between backquotes.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn one_of(known: &[String]) -> String {
    if known.is_empty() { "absent: there are no fields".into() } else { format!("one of {}", known.join(", ")) }
}

/// "did you mean 'x'?" for the nearest known name, or nothing.
pub fn suggestion(got: &str, known: &[String]) -> String {
    known
        .iter()
        .map(|name| (strsim::jaro_winkler(got, name), name))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or_else(String::new, |(_, name)| format!("did you mean '{name}'?"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DoubleClick, Fiber, LinkModel, Memory};

    fn message<T: DeserializeOwned + Check + std::fmt::Debug>(json: &str) -> String {
        parse::<T>(json).unwrap_err().to_string()
    }

    #[test]
    fn unknown_field_is_named_with_a_suggestion() {
        assert_eq!(
            message::<Fiber>(r#"{"lenght_km": 3}"#),
            "Fiber: field must be one of length_km, loss_db_per_km, insertion_loss_db, speed_m_per_s, connectors, connector_loss_db, got 'lenght_km' (did you mean 'length_km'?)"
        );
    }

    #[test]
    fn nested_values_keep_their_path() {
        let text = message::<DoubleClick>(r#"{"fiber": {"length_km": -1}, "detector": {"efficiency": 0.9}}"#);
        assert_eq!(text, "DoubleClick.fiber: length_km must be finite and >= 0, got -1 (fibre length in kilometres)");
        let text = message::<DoubleClick>(r#"{"fiber": {"length_km": "far"}, "detector": {"efficiency": 0.9}}"#);
        assert_eq!(text, "DoubleClick.fiber: length_km must be a number, got 'far'");
    }

    #[test]
    fn non_finite_numbers_are_judged() {
        assert!(message::<Fiber>(r#"{"length_km": "NaN"}"#).contains("got nan"));
        assert!(message::<Fiber>(r#"{"length_km": "Infinity"}"#).contains("got inf"));
    }

    #[test]
    fn values_are_written_as_typed() {
        let text = |value: &str| message::<Memory>(&format!(r#"{{"slots": {value}}}"#));
        assert_eq!(text("1.5"), "Memory: slots must be an integer, got 1.5");
        assert_eq!(text("true"), "Memory: slots must be an integer, got True");
        assert_eq!(text("null"), "Memory: slots must be an integer, got None");
        assert_eq!(text("1000000000000000000000000000000"), "Memory: slots must be an integer below 2^63, got 1e+30");
        let text = message::<DoubleClick>(r#"{"fiber": {"length_km": 1}, "detector": {"efficiency": 0.9}, "negotiation": 1}"#);
        assert_eq!(text, "DoubleClick: negotiation must be one of the names it knows, got 1");
    }

    #[test]
    fn lists_are_named() {
        let text = |value: &str| message::<Memory>(&format!(r#"{{"slots": {value}}}"#));
        assert_eq!(text("[1]"), "Memory: slots must be an integer, got a list");
    }

    #[test]
    fn missing_field_and_unknown_variant() {
        assert_eq!(message::<Fiber>("{}"), "Fiber: length_km must be given, got nothing (it has no default)");
        assert!(message::<LinkModel>(r#"{"DoubleClik": {}}"#).contains("did you mean 'DoubleClick'?"));
    }
}
