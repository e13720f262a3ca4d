//! What a text says, before anybody asks what it means.

use super::error::Place;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    Two,
    Three,
}

#[derive(Debug)]
pub(super) struct Statement {
    pub place: Place,
    pub kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Include(String),
    /// `qubit[n] q`, `qreg q[n]`.
    Qubits {
        name: String,
        size: Option<Expression>,
    },
    /// Every classical declaration.
    Classical {
        constant: bool,
        of: Type,
        name: String,
        value: Option<Expression>,
    },
    Alias {
        name: String,
        value: Expression,
    },
    Gate {
        name: String,
        parameters: Vec<String>,
        qubits: Vec<String>,
        body: std::rc::Rc<Vec<Statement>>,
    },
    Opaque {
        name: String,
    },
    Call {
        modifiers: Vec<Modifier>,
        name: String,
        arguments: Vec<Expression>,
        operands: Vec<Expression>,
    },
    Measure {
        from: Expression,
        into: Option<Expression>,
    },
    Reset(Expression),
    Barrier(Vec<Expression>),
    /// Takes time and does nothing.
    Delay(Vec<Expression>),
    Assign {
        target: Expression,
        operator: Option<Operator>,
        value: Expression,
    },
    If {
        condition: Expression,
        then: Vec<Statement>,
        otherwise: Vec<Statement>,
    },
    For {
        variable: String,
        over: Expression,
        body: Vec<Statement>,
    },
    While {
        condition: Expression,
        body: Vec<Statement>,
    },
    Switch {
        value: Expression,
        cases: Vec<(Vec<Expression>, Vec<Statement>)>,
        default: Vec<Statement>,
    },
    Block(Vec<Statement>),
    End,
    Break,
    Continue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    Bit,
    Bool,
    Integer,
    Real,
}

#[derive(Debug)]
pub(super) struct Type {
    pub scalar: Scalar,
    /// Only that of a bit matters: the others are a precision.
    pub width: Option<Expression>,
}

#[derive(Debug)]
pub(super) enum Modifier {
    Control { count: Option<Expression>, on: bool },
    Inverse,
    Power(Expression),
}

#[derive(Debug)]
pub(super) struct Expression {
    pub place: Place,
    /// Levels of the tree below; bounded, for everything that walks it recurses.
    pub height: u32,
    pub kind: ExpressionKind,
}

#[derive(Debug)]
pub(super) enum ExpressionKind {
    Integer(i64),
    Real(f64),
    Bits(String),
    Name(String),
    Physical(u32),
    Unary(Operator, Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
    Call(String, Vec<Expression>),
    Cast(Box<Type>, Box<Expression>),
    Index(Box<Expression>, Box<Expression>),
    /// `start : step : stop`; both ends belong to it.
    Range(Option<Box<Expression>>, Option<Box<Expression>>, Option<Box<Expression>>),
    Set(Vec<Expression>),
    /// `bit b = measure q;` and `b = measure q;`.
    Measure(Box<Expression>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    BitOr,
    BitXor,
    BitAnd,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    ShiftLeft,
    ShiftRight,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Negate,
    Not,
    BitNot,
    Join,
}
