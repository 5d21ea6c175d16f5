//! What TypeScript knows of the ops: their names, the types of their attributes and how many
//! operands they take, all read off the lists and structs that define them.

use crate::autodiff::{GradOp, VjpOp};
use crate::compose::Composite;
use crate::elementwise::{CastTo, Ew};
use crate::ops::Kernel;
use std::collections::BTreeMap;
use ts_rs::{Config, TS, TypeVisitor};

/// An op with attributes of its own: its documentation as a comment, and their type.
pub struct OpType {
    pub name: &'static str,
    pub docs: Option<String>,
    pub attributes: String,
}

// No attributes.
#[derive(TS)]
struct Bare {}

/// The types of all ops.
pub struct Types {
    config: Config,
    pub ops: Vec<OpType>,
    /// The declarations that attributes refer to, each with its documentation, by name.
    pub named: BTreeMap<String, String>,
}

impl Types {
    /// The types of every op that TypeScript can name.
    pub fn all() -> Types {
        // JSON has one kind of number.
        let config = Config::new().with_large_int("number");
        let mut types = Types { config, ops: Vec::new(), named: BTreeMap::new() };
        for op in Ew::ALL {
            types.op::<Bare>(op.name());
        }
        types.op::<CastTo>(Ew::CAST);
        Kernel::types(&mut types);
        Composite::types(&mut types);
        types.op::<Bare>(GradOp::NAME);
        types.op::<Bare>(VjpOp::NAME);
        types
    }

    /// Adds an op whose attributes are the fields of `T`.
    pub(crate) fn op<T: TS + 'static>(&mut self, name: &'static str) {
        self.ops.push(OpType { name, docs: T::docs(), attributes: T::inline(&self.config) });
        T::visit_dependencies(self);
    }
}

impl TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Only what has a file of its own in ts-rs's eyes has a declaration: not numbers and lists.
        if T::output_path().is_none() {
            return;
        }
        let declaration = format!("{}export {}", T::docs().unwrap_or_default(), T::decl(&self.config));
        if self.named.insert(T::ident(&self.config), declaration).is_none() {
            T::visit_dependencies(self);
        }
    }
}
