//! What a photon crosses between a node and a station: fibre, free space, a satellite's downlink, two arms.
//!
//! Owns: the fields, their ranges, and how a document spells them: a fibre plainly, `{"length_km": 20}`, everything else
//! under its name, `{"SatelliteDownlink": {...}}`. Refuses to know: loss and light time (crate `hardware`).

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::CowStrDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::check::{At, Check, Range};
use crate::device::Fiber;
use crate::error::SpecError;
use crate::real::Real;

/// Wavelength from which a beam's waist follows, nm: rubidium's D2 line, where memories store without conversion. It hardly
/// matters: at 400 km and 3 urad the whole waist is 0.013 dB.
pub const DOWNLINK_WAVELENGTH_NM: f64 = 780.0;

/// From a satellite down to a telescope, in a vacuum but for the atmosphere at its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SatelliteDownlink {
    pub height_km: Real,
    pub divergence_rad: Real,
    pub receiver_radius_m: Real,
    pub pointing_jitter_rad: Real,
    pub zenith_transmittance: Real,
    #[serde(default = "zenith")]
    pub elevation_deg: Real,
    #[serde(default = "downlink_wavelength")]
    pub wavelength_nm: Real,
    #[serde(default)]
    pub insertion_loss_db: Real,
}

fn zenith() -> Real {
    Real(90.0)
}
fn downlink_wavelength() -> Real {
    Real(DOWNLINK_WAVELENGTH_NM)
}
fn telecom_wavelength() -> Real {
    Real(1550.0)
}

/// A beam of half-angle theta cannot have a waist below a wavelength: the paraxial formula would lie.
const MAX_DIVERGENCE_RAD: f64 = 0.1;

fn check_beam(at: &At<'_>, divergence: Real, radius: Real, jitter: Real, wavelength: Real) -> Result<(), SpecError> {
    at.real(
        "divergence_rad",
        divergence,
        Range::Between(1e-9, MAX_DIVERGENCE_RAD),
        "far-field half-angle at 1/e^2 of intensity",
    )?;
    at.real("receiver_radius_m", radius, Range::Positive, "radius of the telescope in metres")?;
    at.real("pointing_jitter_rad", jitter, Range::NonNegative, "standard deviation of the pointing error per axis")?;
    at.real("wavelength_nm", wavelength, Range::Between(100.0, 100_000.0), "vacuum wavelength in nanometres")
}

impl Check for SatelliteDownlink {
    const NAME: &'static str = "SatelliteDownlink";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("height_km", self.height_km, Range::Positive, "height of the orbit above the ground in kilometres")?;
        check_beam(at, self.divergence_rad, self.receiver_radius_m, self.pointing_jitter_rad, self.wavelength_nm)?;
        at.real("zenith_transmittance", self.zenith_transmittance, Range::Probability, "of the atmosphere, straight up")?;
        at.real("elevation_deg", self.elevation_deg, Range::Between(5.0, 90.0), "nearer the horizon air mass is not 1/sin")?;
        at.real("insertion_loss_db", self.insertion_loss_db, Range::NonNegative, "a loss is a positive number of dB")
    }
}

/// A beam through air or a vacuum from one telescope to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FreeSpace {
    pub length_km: Real,
    pub divergence_rad: Real,
    pub receiver_radius_m: Real,
    pub pointing_jitter_rad: Real,
    pub loss_db_per_km: Real,
    #[serde(default = "telecom_wavelength")]
    pub wavelength_nm: Real,
    #[serde(default)]
    pub insertion_loss_db: Real,
}

impl Check for FreeSpace {
    const NAME: &'static str = "FreeSpace";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("length_km", self.length_km, Range::NonNegative, "from telescope to telescope in kilometres")?;
        check_beam(at, self.divergence_rad, self.receiver_radius_m, self.pointing_jitter_rad, self.wavelength_nm)?;
        at.real("loss_db_per_km", self.loss_db_per_km, Range::NonNegative, "extinction of the air; 0 in a vacuum")?;
        at.real("insertion_loss_db", self.insertion_loss_db, Range::NonNegative, "a loss is a positive number of dB")
    }
}

/// Two channels that meet at the station: arm A from node A, arm B from node B.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arms {
    pub a: Box<Channel>,
    pub b: Box<Channel>,
}

impl Check for Arms {
    const NAME: &'static str = "Arms";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        for (name, arm) in [("a", &self.a), ("b", &self.b)] {
            if matches!(**arm, Channel::Arms(_)) {
                return Err(at.error(name, "one channel", Self::NAME, "a link has two arms and one station"));
            }
            at.within(name, |at| arm.check(at))?;
        }
        Ok(())
    }
}

/// Whatever joins two nodes through a station.
#[derive(Debug, Clone, PartialEq)]
pub enum Channel {
    Fiber(Fiber),
    SatelliteDownlink(SatelliteDownlink),
    FreeSpace(FreeSpace),
    Arms(Arms),
}

impl Channel {
    /// The fibre, if it is one: only fibres come by the metre.
    pub fn fiber_mut(&mut self) -> Option<&mut Fiber> {
        if let Self::Fiber(fiber) = self { Some(fiber) } else { None }
    }

    pub fn is_fiber(&self) -> bool {
        matches!(self, Self::Fiber(_))
    }

    /// Whether light takes time to cross it.
    pub fn has_length(&self) -> bool {
        match self {
            Self::Fiber(f) => f.length_km.0 > 0.0,
            Self::FreeSpace(f) => f.length_km.0 > 0.0,
            Self::SatelliteDownlink(_) => true,
            Self::Arms(arms) => arms.a.has_length() || arms.b.has_length(),
        }
    }

    /// A station stands anywhere along a fibre, but only at the ends of a beam, and where two arms meet.
    ///
    /// # Errors
    /// Names `station`.
    pub fn check_station(&self, at: &At<'_>, station: Real) -> Result<(), SpecError> {
        let ends = station.0 == 0.0 || station.0 == 1.0;
        match self {
            Self::Fiber(_) => Ok(()),
            Self::Arms(_) if station.0 == 0.5 => Ok(()),
            Self::Arms(_) => Err(at.error("station", "0.5, its default, with two arms", station, "it stands where they meet")),
            _ if ends => Ok(()),
            _ => {
                let hint = "nobody stands within a beam; Arms(a, b) joins two channels at a station";
                Err(at.error("station", "0 or 1 at the end of a beam", station, hint))
            }
        }
    }
}

impl Check for Channel {
    const NAME: &'static str = "Channel";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        match self {
            Self::Fiber(c) => c.check(at),
            Self::SatelliteDownlink(c) => c.check(at),
            Self::FreeSpace(c) => c.check(at),
            Self::Arms(c) => c.check(at),
        }
    }
}

impl Serialize for Channel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Fiber(fiber) => fiber.serialize(serializer),
            Self::SatelliteDownlink(c) => serializer.serialize_newtype_variant(Self::NAME, 1, SatelliteDownlink::NAME, c),
            Self::FreeSpace(c) => serializer.serialize_newtype_variant(Self::NAME, 2, FreeSpace::NAME, c),
            Self::Arms(c) => serializer.serialize_newtype_variant(Self::NAME, 3, Arms::NAME, c),
        }
    }
}

/// A map whose first key has been read already.
struct Replay<'de, A> {
    first: Option<Cow<'de, str>>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Replay<'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(key) => {
                let key: CowStrDeserializer<'_, A::Error> = key.into_deserializer();
                seed.deserialize(key).map(Some)
            }
            None => self.rest.next_key_seed(seed),
        }
    }
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}

struct ChannelVisitor;

impl<'de> Visitor<'de> for ChannelVisitor {
    type Value = Channel;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("struct Fiber or another channel")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Channel, A::Error> {
        let key: Option<String> = map.next_key()?;
        let channel = match key.as_deref() {
            Some(Fiber::NAME) => Channel::Fiber(map.next_value()?),
            Some(SatelliteDownlink::NAME) => Channel::SatelliteDownlink(map.next_value()?),
            Some(FreeSpace::NAME) => Channel::FreeSpace(map.next_value()?),
            Some(Arms::NAME) => Channel::Arms(map.next_value()?),
            _ => {
                let replay = Replay { first: key.map(Cow::Owned), rest: map };
                return Fiber::deserialize(MapAccessDeserializer::new(replay)).map(Channel::Fiber);
            }
        };
        match map.next_key::<String>()? {
            None => Ok(channel),
            Some(other) => Err(de::Error::custom(format!("one channel, but '{other}' follows"))),
        }
    }
}

impl<'de> Deserialize<'de> for Channel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ChannelVisitor)
    }
}

impl JsonSchema for Channel {
    fn schema_name() -> Cow<'static, str> {
        "Channel".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let fiber = generator.subschema_for::<Fiber>();
        let tagged = [
            (SatelliteDownlink::NAME, generator.subschema_for::<SatelliteDownlink>()),
            (FreeSpace::NAME, generator.subschema_for::<FreeSpace>()),
            (Arms::NAME, generator.subschema_for::<Arms>()),
        ]
        .map(|(name, schema)| {
            json_schema!({
                "type": "object", "properties": { name: schema }, "required": [name], "additionalProperties": false
            })
        });
        let [satellite, free_space, arms] = tagged;
        json_schema!({ "anyOf": [fiber, satellite, free_space, arms] })
    }
}
