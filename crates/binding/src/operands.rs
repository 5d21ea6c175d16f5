//! What plans are fed: operands from JavaScript, one by one or as a list that is read once for many runs.

use crate::error::js;
use crate::handles::{NativeBuffer, NativeVariable, disposed};
use crate::held::Held;
use fovea_core::Error;
use fovea_engine::{Buffer, Operand, Variable};
use napi::Result;
use napi::bindgen_prelude::{Array, ClassInstance, Either4, JsObjectValue, This};
use napi_derive::napi;
use std::rc::Rc;
use std::sync::Arc;

/// What a leaf of a plan is fed; numbers feed leaves of rank 0. A list feeds as many leaves as it is long.
#[napi(js_name = "Operand")]
pub type JsOperand<'a> = Either4<
    ClassInstance<'a, NativeBuffer>,
    ClassInstance<'a, NativeVariable>,
    ClassInstance<'a, NativeOperands>,
    f64,
>;

/// A handle's side of an operand: it can be disposed of between runs.
enum Handle {
    Buffer(Rc<Held<Buffer>>),
    Variable(Rc<Held<Arc<Variable>>>),
    Number(f64),
}

impl Handle {
    fn operand(&self) -> Result<Operand> {
        match self {
            Handle::Buffer(held) => held.get().map(Operand::Buffer).ok_or_else(|| disposed("tensor")),
            Handle::Variable(held) => held.get().map(Operand::Variable).ok_or_else(|| disposed("variable")),
            &Handle::Number(number) => Ok(Operand::Number(number)),
        }
    }
}

/// A list of operands for many runs: to read hundreds of them out of an array takes longer than a small
/// network runs.
#[napi]
pub struct NativeOperands {
    handles: Vec<Handle>,
}

#[napi]
impl NativeOperands {
    #[napi(constructor, catch_unwind)]
    pub fn new(mut this: This, #[napi(ts_arg_type = "Operand[]")] operands: Array) -> Result<NativeOperands> {
        let mut handles = Vec::with_capacity(operands.len() as usize);
        for index in 0..operands.len() {
            handles.push(match operands.get::<JsOperand>(index)? {
                Some(Either4::A(buffer)) => Handle::Buffer(buffer.held()),
                Some(Either4::B(variable)) => Handle::Variable(variable.held()),
                Some(Either4::D(number)) => Handle::Number(number),
                Some(Either4::C(_)) | None => {
                    let what = format!("operand {index} of a list must be a buffer, a variable or a number");
                    return Err(js(Error::argument(what)));
                }
            });
        }
        // A handle that nobody can reach any more lets go of what it holds.
        this.set_named_property("operands", operands)?;
        Ok(NativeOperands { handles })
    }
}

/// The operands of a run.
pub fn operands(of: Vec<JsOperand>) -> Result<Vec<Operand>> {
    let mut operands = Vec::with_capacity(of.len());
    for operand in of {
        match operand {
            Either4::A(buffer) => operands.push(Operand::Buffer(buffer.get()?)),
            Either4::B(variable) => operands.push(Operand::Variable(variable.get()?)),
            Either4::C(list) => {
                operands.reserve(list.handles.len());
                for handle in &list.handles {
                    operands.push(handle.operand()?);
                }
            }
            Either4::D(number) => operands.push(Operand::Number(number)),
        }
    }
    Ok(operands)
}
