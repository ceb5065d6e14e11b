//! `CallFunction`: calls a function, on a provider that is configured
//! (OpenTofu) or not (Terraform).

use super::Call;
use crate::protocol::proto::tfplugin5::FunctionError as Failure;
use crate::protocol::proto::tfplugin5::call_function::{Request, Response};
use crate::protocol::wire;
use crate::provider::rpc::CallFunctionRequest;
use crate::schema::Diagnostics;

pub(super) async fn answer(call: Call, request: Request) -> Result<Response, Diagnostics> {
    Ok(match result(call, request).await {
        Ok(result) => Response { result: Some(result), error: None },
        Err(failure) => Response { result: None, error: Some(failure) },
    })
}

async fn result(
    call: Call,
    request: Request,
) -> Result<crate::protocol::proto::tfplugin5::DynamicValue, Failure> {
    let failure = |text: String| Failure { text, function_argument: None };
    let function = call
        .provider
        .schemas()
        .functions
        .get(&request.name)
        .ok_or_else(|| failure(format!("This provider has no function {:?}.", request.name)))?;
    let count = request.arguments.len();
    if count < function.parameters.len() || count > function.parameters.len() && function.variadic.is_none() {
        return Err(failure(format!("{} does not take {count} arguments.", request.name)));
    }
    let mut arguments = Vec::with_capacity(count);
    for (index, argument) in request.arguments.iter().enumerate() {
        let at = |text: String| Failure { text, function_argument: i64::try_from(index).ok() };
        let parameter =
            function.parameter(index).ok_or_else(|| at("There is no such argument.".to_owned()))?;
        arguments.push(wire::decode(&parameter.ty, Some(argument)).map_err(|error| at(error.to_string()))?);
    }
    let native = CallFunctionRequest { name: request.name, arguments };
    let value = call.provider.call_function(native, call.cancel).await.map_err(|error| Failure {
        text: error.text,
        function_argument: error.argument.and_then(|index| i64::try_from(index).ok()),
    })?;
    wire::encode(&function.returns, &value)
        .map_err(|error| failure(format!("The provider returned an invalid result: {error}")))
}
