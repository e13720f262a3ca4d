//! Binary trees of swaps: which halves a repeater joins, written as nested pairs of link numbers or by a rule.
//!
//! ```text
//!   ((0, 1), (2, (3, 4)))            [0 .. 4]  at node 2, level 2      a level is the height: one more than the
//!                                    /      \                          higher of its two halves; 0 joins two links
//!                              [0 1] at 1   [2 .. 4] at 3, level 1
//!                               /  \         /    \
//!                              0    1       2    [3 4] at 4, level 0
//! ```
//!
//! A tree over links 0 .. n has one swap at each of the nodes 1 .. n-1, so a node names its swap.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Deeper trees are refused: documents nest no further. `Sequential` is a rule and has no such limit.
pub const MAX_DEPTH: usize = 100;

/// Nested pairs of link numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SwapTree {
    Link(u32),
    Swap(Box<SwapTree>, Box<SwapTree>),
}

/// One swap: at node `at`, of the pair over links `from .. at` and the one over links `at .. to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SwapRow {
    pub from: u32,
    pub at: u32,
    pub to: u32,
    /// Its height in the tree; 0 joins two links.
    pub level: u32,
}

impl SwapTree {
    /// The first leaf that is not the next link, and the link that belongs there.
    pub fn misplaced(&self) -> Option<(u32, u32)> {
        fn walk(tree: &SwapTree, next: &mut u32) -> Option<(u32, u32)> {
            match tree {
                SwapTree::Link(link) if link == next => {
                    *next += 1;
                    None
                }
                SwapTree::Link(link) => Some((*link, *next)),
                SwapTree::Swap(left, right) => walk(left, next).or_else(|| walk(right, next)),
            }
        }
        walk(self, &mut 0)
    }

    pub fn links(&self) -> usize {
        match self {
            Self::Link(_) => 1,
            Self::Swap(left, right) => left.links() + right.links(),
        }
    }

    /// Its swaps, each after those of its halves.
    pub fn rows(&self) -> Vec<SwapRow> {
        /// End of the subtree that starts at link `from`, and its height in swaps.
        fn walk(tree: &SwapTree, from: u32, rows: &mut Vec<SwapRow>) -> (u32, u32) {
            match tree {
                SwapTree::Link(_) => (from + 1, 0),
                SwapTree::Swap(left, right) => {
                    let (at, left_height) = walk(left, from, rows);
                    let (to, right_height) = walk(right, at, rows);
                    let level = left_height.max(right_height);
                    rows.push(SwapRow { from, at, to, level });
                    (to, level + 1)
                }
            }
        }
        let mut rows = Vec::new();
        walk(self, 0, &mut rows);
        rows
    }
}

/// Doubling on 2^k links.
pub fn doubling(links: u32) -> Vec<SwapRow> {
    fn walk(from: u32, to: u32, rows: &mut Vec<SwapRow>) {
        if to - from > 1 {
            let at = from + (to - from) / 2;
            walk(from, at, rows);
            walk(at, to, rows);
            rows.push(SwapRow { from, at, to, level: (to - from).ilog2() - 1 });
        }
    }
    let mut rows = Vec::with_capacity(links as usize);
    walk(0, links, &mut rows);
    rows
}

/// Link after link from the left: (((0, 1), 2), 3) ...
pub fn sequential(links: u32) -> Vec<SwapRow> {
    (1..links).map(|at| SwapRow { from: 0, at, to: at + 1, level: at - 1 }).collect()
}

impl Serialize for SwapTree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Link(link) => serializer.serialize_u32(*link),
            Self::Swap(left, right) => (left, right).serialize(serializer),
        }
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = SwapTree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a link number, or a pair (left, right) of trees")
    }
    fn visit_u64<E: de::Error>(self, v: u64) -> Result<SwapTree, E> {
        u32::try_from(v).map(SwapTree::Link).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(v), &self))
    }
    fn visit_i64<E: de::Error>(self, v: i64) -> Result<SwapTree, E> {
        u64::try_from(v).map_err(|_| E::invalid_value(de::Unexpected::Signed(v), &self)).and_then(|v| self.visit_u64(v))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<SwapTree, A::Error> {
        let left: SwapTree = seq.next_element()?.ok_or_else(|| de::Error::invalid_length(0, &self))?;
        let right: SwapTree = seq.next_element()?.ok_or_else(|| de::Error::invalid_length(1, &self))?;
        let mut more = 2;
        while seq.next_element::<SwapTree>()?.is_some() {
            more += 1;
        }
        if more > 2 {
            return Err(de::Error::invalid_length(more, &self));
        }
        Ok(SwapTree::Swap(Box::new(left), Box::new(right)))
    }
}

impl<'de> Deserialize<'de> for SwapTree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

impl JsonSchema for SwapTree {
    fn schema_name() -> Cow<'static, str> {
        "SwapTree".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let itself = generator.subschema_for::<Self>();
        json_schema!({
            "description": "A link number, or a pair of trees; links in order.",
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "array", "items": itself, "minItems": 2, "maxItems": 2 }
            ]
        })
    }
}

/// One value for each swap of a tree: a list by level, the lowest first, or a table by node.
#[derive(Debug, Clone, PartialEq)]
pub enum PerSwap<T> {
    Levels(Vec<T>),
    Nodes(BTreeMap<u32, T>),
}

impl<T> Default for PerSwap<T> {
    fn default() -> Self {
        Self::Levels(Vec::new())
    }
}

impl<T> PerSwap<T> {
    pub fn get(&self, row: &SwapRow) -> Option<&T> {
        match self {
            Self::Levels(values) => values.get(row.level as usize),
            Self::Nodes(values) => values.get(&row.at),
        }
    }

    /// Each value with its place: `[0]` for a level or a node.
    pub fn values(&self) -> Box<dyn Iterator<Item = (u32, &T)> + '_> {
        match self {
            Self::Levels(values) => Box::new((0u32..).zip(values)),
            Self::Nodes(values) => Box::new(values.iter().map(|(k, v)| (*k, v))),
        }
    }
}

impl<T: Serialize> Serialize for PerSwap<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Levels(values) => values.serialize(serializer),
            Self::Nodes(values) => values.serialize(serializer),
        }
    }
}

struct PerSwapVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PerSwapVisitor<T> {
    type Value = PerSwap<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list with one entry per level, or a table from node to value")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<PerSwap<T>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(PerSwap::Levels(values))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PerSwap<T>, A::Error> {
        let mut values = BTreeMap::new();
        while let Some((key, value)) = map.next_entry::<String, T>()? {
            let wrong = || de::Error::invalid_value(de::Unexpected::Str(&key), &"a node number as key");
            values.insert(key.parse().map_err(|_| wrong())?, value);
        }
        Ok(PerSwap::Nodes(values))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for PerSwap<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PerSwapVisitor(std::marker::PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for PerSwap<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("PerSwap{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [
            { "type": "array", "items": value },
            { "type": "object", "propertyNames": { "pattern": "^[0-9]+$" }, "additionalProperties": value }
        ] })
    }
    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(json: &str) -> SwapTree {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn rows_come_after_their_halves() {
        let row = |from, at, to, level| SwapRow { from, at, to, level };
        let rows = tree("[[0,1],[2,[3,4]]]").rows();
        assert_eq!(rows, [row(0, 1, 2, 0), row(3, 4, 5, 0), row(2, 3, 5, 1), row(0, 2, 5, 2)]);
        assert!(tree("0").rows().is_empty());
    }

    #[test]
    fn rules_are_trees() {
        assert_eq!(doubling(8), tree("[[[0,1],[2,3]],[[4,5],[6,7]]]").rows());
        assert_eq!(sequential(4), tree("[[[0,1],2],3]").rows());
        assert_eq!(doubling(2), sequential(2));
        assert!(doubling(1).is_empty() && sequential(1).is_empty());
    }

    #[test]
    fn leaves_are_links_in_order() {
        assert_eq!(tree("[[0,1],[2,[3,4]]]").misplaced(), None);
        assert_eq!(tree("[[0,2],1]").misplaced(), Some((2, 1)));
        assert_eq!(tree("[1,2]").misplaced(), Some((1, 0)));
    }

    #[test]
    fn documents_go_round() {
        for json in ["0", "[0,1]", "[[0,1],[2,[3,4]]]"] {
            assert_eq!(serde_json::to_string(&tree(json)).unwrap(), json);
        }
        for json in ["[]", "[0]", "[0,1,2]", "[0,[1]]", "-1", "1.5", "\"0\"", "null", "{}"] {
            assert!(serde_json::from_str::<SwapTree>(json).is_err(), "{json}");
        }
        for json in ["[1,2]", "{\"3\":7}", "[]", "{}"] {
            let per: PerSwap<i64> = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&per).unwrap(), json);
        }
    }
}
