//! OpenID Connect identity providers, whose tokens AssumeRoleWithWebIdentity accepts.

use serde_json::{Map, Value, json};

use crate::api::constraint::{Broken, refuse};
use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::clock::iso_seconds;
use crate::cloud::Cloud;
use crate::identity::call::Call;
use crate::services::iam::{check, tags};
use crate::state::State;
use crate::state::oidc_provider::OidcProvider;

pub(crate) async fn create(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let url = url(input)?;
    let provider = OidcProvider {
        url: url.clone(),
        client_ids: input.texts("ClientIDList")?.unwrap_or_default(),
        thumbprints: input.texts("ThumbprintList")?.unwrap_or_default(),
        created: call.now,
        tags: tags::checked(input.tag_list("Tags")?.unwrap_or_default())?,
    };
    cloud
        .store
        .change(|state| {
            if state.iam.oidc_providers.contains_key(&url) {
                let text = format!("Provider with url https://{url} already exists.");
                return Err(ApiError::new(409, "EntityAlreadyExists", text));
            }
            let mut shown = Map::new();
            let arn = provider.arn();
            shown.insert("OpenIDConnectProviderArn".to_owned(), arn.into());
            add_tags(&mut shown, &provider);
            state.iam.oidc_providers.insert(url, provider);
            Ok(Value::Object(shown))
        })
        .await
}

pub(crate) fn get(cloud: &Cloud, input: &Input) -> ApiResult<Value> {
    let state = cloud.store.read();
    let provider = named(&state, input)?;
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    put("Url", provider.url.as_str().into());
    put("ClientIDList", json!(provider.client_ids));
    put("ThumbprintList", json!(provider.thumbprints));
    put("CreateDate", iso_seconds(provider.created).into());
    add_tags(&mut shown, provider);
    Ok(Value::Object(shown))
}

pub(crate) fn list(cloud: &Cloud) -> Value {
    let state = cloud.store.read();
    let providers = state.iam.oidc_providers.values();
    let arns: Vec<Value> = providers.map(|one| json!({"Arn": one.arn()})).collect();
    json!({ "OpenIDConnectProviderList": arns })
}

/// Succeeds also if there is no such provider, as on AWS.
pub(crate) async fn delete(cloud: &Cloud, input: &Input) -> ApiResult<Value> {
    let arn = check::required(input, "OpenIDConnectProviderArn")?;
    cloud
        .store
        .change(|state| {
            let providers = &mut state.iam.oidc_providers;
            providers.retain(|_, provider| provider.arn() != arn);
            Ok(Value::Null)
        })
        .await
}

fn add_tags(shown: &mut Map<String, Value>, provider: &OidcProvider) {
    if !provider.tags.is_empty() {
        shown.insert("Tags".to_owned(), tags::shown(&provider.tags));
    }
}

fn named<'a>(state: &'a State, input: &Input) -> ApiResult<&'a OidcProvider> {
    let arn = check::required(input, "OpenIDConnectProviderArn")?;
    let mut providers = state.iam.oidc_providers.values();
    providers
        .find(|provider| provider.arn() == arn)
        .ok_or_else(|| {
            let text = format!("OpenIDConnect Provider not found for arn {arn}");
            ApiError::new(404, "NoSuchEntity", text)
        })
}

/// The URL without its scheme, under which IAM keeps the provider. It becomes the name of a file too.
fn url(input: &Input) -> ApiResult<String> {
    let text = check::required(input, "Url")?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let url = text.strip_prefix("https://");
    let url = url.map(|url| url.trim_end_matches('/'));
    match url.filter(|url| !url.is_empty() && url.chars().all(fits)) {
        Some(url) => Ok(url.to_owned()),
        None => {
            let must = "be a URL that begins with https:// and has no port and no query";
            let broken = Broken::new(text.to_owned(), "url", must.to_owned());
            Err(refuse("ValidationError", &[broken]))
        }
    }
}
