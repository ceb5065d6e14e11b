//! Every way to sign in, against an authority on this machine over real TLS.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use amlsecure::arm::{
    Authorize as _, Bearer, Call, Client, Clock, Cloud, HttpTransport, Limits, Request, Secret, Settings,
    SignIn, SignInError, SystemClock, Transport,
};
use async_trait::async_trait;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKey, PrivateKeyChain,
};
use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};
use serde_json::{Value as Json, json};
use tempfile::NamedTempFile;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use super::authority::{Asked, Authority, TOKEN};
use super::fixture::{SUBSCRIPTION, Script, VirtualClock, epoch, json as json_answer};

const TENANT: &str = "11111111-1111-1111-1111-111111111111";
const CLIENT: &str = "22222222-2222-2222-2222-222222222222";
const SECRET: &str = "a-client-secret-that-no-log-may-show";
const ASSERTION: &str = "a-federated-token-that-no-log-may-show";
const REQUEST_TOKEN: &str = "a-request-token-that-no-log-may-show";
const PASSWORD: &str = "a-password-that-no-log-may-show";

struct Site {
    authority: Authority,
    cloud: Cloud,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
}

impl Site {
    async fn new() -> Self {
        let authority = Authority::start().await;
        let mut cloud = Cloud::named("public").unwrap();
        cloud.authority = authority.url.parse().unwrap();
        let transport: Arc<dyn Transport> = Arc::new(HttpTransport::trusting(authority.ca.clone()));
        Self { authority, cloud, transport, clock: Arc::new(SystemClock) }
    }

    fn credential(&self, sign_in: &SignIn) -> Result<Arc<dyn TokenCredential>, SignInError> {
        sign_in.credential(&self.cloud, &self.transport, &self.clock)
    }

    /// The token of a sign-in, and what was asked for it.
    async fn token(&self, sign_in: &SignIn) -> (Result<String, String>, Vec<Asked>) {
        let credential = self.credential(sign_in).unwrap();
        let token = credential.get_token(&[&self.cloud.scope()], None).await;
        let token = token.map(|token| token.token.secret().to_owned()).map_err(|error| error.to_string());
        (token, self.authority.asked())
    }
}

fn principal() -> SignIn {
    SignIn { tenant_id: Some(TENANT.into()), client_id: Some(CLIENT.into()), ..SignIn::default() }
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    writeln!(file, "{text}").unwrap();
    file
}

/// That a token request is the one that Entra documents.
fn is_token_request(asked: &Asked, fields: &[&str]) {
    assert_eq!(asked.line, format!("POST /{TENANT}/oauth2/v2.0/token"));
    assert_eq!(asked.header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(asked.fields(), fields);
    assert_eq!(asked.form("client_id").as_deref(), Some(CLIENT));
    assert_eq!(asked.form("grant_type").as_deref(), Some("client_credentials"));
    assert_eq!(asked.form("scope").as_deref(), Some("https://management.azure.com/.default"));
}

const SECRET_FORM: &[&str] = &["client_id", "client_secret", "grant_type", "scope"];
const ASSERTION_FORM: &[&str] =
    &["client_assertion", "client_assertion_type", "client_id", "grant_type", "scope"];

#[tokio::test]
async fn a_client_secret_given_or_in_a_file() {
    let site = Site::new().await;
    let (id, secret) = (file(CLIENT), file(SECRET));
    let given = SignIn { client_secret: Some(Secret::new(SECRET)), ..principal() };
    let in_files = SignIn {
        client_id: None,
        client_id_file_path: Some(id.path().into()),
        client_secret_file_path: Some(secret.path().into()),
        ..principal()
    };
    for sign_in in [given, in_files] {
        let (token, asked) = site.token(&sign_in).await;
        assert_eq!(token.as_deref(), Ok(TOKEN));
        is_token_request(&asked[0], SECRET_FORM);
        assert_eq!(asked[0].form("client_secret").as_deref(), Some(SECRET));
        assert_eq!(asked.len(), 1, "nothing else is asked");
    }
}

/// A PFX of a fresh RSA key; and the key, whose public half checks signatures.
fn pfx(encryption: EncryptionAlgorithm, mac: MacAlgorithm) -> (Vec<u8>, KeyPair, Vec<u8>) {
    let key = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let certificate =
        CertificateParams::new(vec!["amlsecure".to_owned()]).unwrap().self_signed(&key).unwrap();
    let chain = PrivateKeyChain::new(
        "id",
        PrivateKey::from_der(&key.serialize_der()).unwrap(),
        [Certificate::from_der(certificate.der()).unwrap()],
    );
    let mut store = KeyStore::new();
    store.add_entry("amlsecure", KeyStoreEntry::PrivateKeyChain(chain));
    let writer = store.writer(PASSWORD).encryption_algorithm(encryption).mac_algorithm(mac);
    (writer.write().unwrap(), key, certificate.der().to_vec())
}

fn part(text: &str) -> Json {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

#[tokio::test]
async fn a_client_certificate_signs_an_assertion() {
    let mut site = Site::new().await;
    site.clock = Arc::new(VirtualClock::default());
    for (encryption, mac) in [
        (EncryptionAlgorithm::PbeWithHmacSha256AndAes256, MacAlgorithm::HmacSha256),
        (EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc, MacAlgorithm::HmacSha1),
    ] {
        let (pfx, key, der) = pfx(encryption, mac);
        let mut at = NamedTempFile::new().unwrap();
        at.write_all(&pfx).unwrap();
        let with_password =
            SignIn { client_certificate_password: Some(Secret::new(PASSWORD)), ..principal() };
        let in_file = SignIn { client_certificate_path: Some(at.path().into()), ..with_password.clone() };
        let mut text = STANDARD.encode(&pfx);
        text.insert(76, '\n');
        let inline = SignIn { client_certificate: Some(Secret::new(text)), ..with_password };
        for sign_in in [in_file, inline] {
            let (token, asked) = site.token(&sign_in).await;
            assert_eq!(token.as_deref(), Ok(TOKEN));
            is_token_request(&asked[0], ASSERTION_FORM);
            let assertion = asked[0].form("client_assertion").unwrap();
            let (message, signature) = assertion.rsplit_once('.').unwrap();
            let (header, claims) = message.split_once('.').unwrap();
            let thumbprint = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &der);
            let header = part(header);
            assert_eq!(header["alg"], "RS256");
            assert_eq!(header["x5t"], URL_SAFE_NO_PAD.encode(thumbprint));
            let claims = part(claims);
            let now = epoch().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
            assert_eq!(claims["aud"], format!("{}/{TENANT}/oauth2/v2.0/token", site.authority.url));
            assert_eq!((&claims["iss"], &claims["sub"]), (&json!(CLIENT), &json!(CLIENT)));
            assert!(claims["nbf"].as_u64().unwrap() - now < 60);
            assert_eq!(claims["exp"].as_u64().unwrap(), claims["nbf"].as_u64().unwrap() + 600);
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.der_bytes())
                .verify(message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
                .expect("the key of the certificate signed it");
        }
    }
}

#[tokio::test]
async fn a_certificate_that_does_not_open_says_so_without_its_password() {
    let site = Site::new().await;
    let (pfx, ..) = pfx(EncryptionAlgorithm::PbeWithHmacSha256AndAes256, MacAlgorithm::HmacSha256);
    let sign_in = |text: String| SignIn {
        client_certificate: Some(Secret::new(text)),
        client_certificate_password: Some(Secret::new("not-the-password")),
        ..principal()
    };
    for text in [STANDARD.encode(&pfx), STANDARD.encode("no pfx"), "no base64!".to_owned()] {
        let error = site.credential(&sign_in(text.clone())).unwrap_err();
        assert!(matches!(error, SignInError::Argument { argument: "client_certificate", .. }), "{error}");
        assert!(!error.to_string().contains("not-the-password") && !error.to_string().contains(&text));
    }
}

#[tokio::test]
async fn a_federated_token_given_in_a_file_or_in_a_pod() {
    let site = Site::new().await;
    let at = file(ASSERTION);
    let oidc = SignIn { use_oidc: true, ..principal() };
    let given = SignIn { oidc_token: Some(Secret::new(ASSERTION)), ..oidc.clone() };
    let in_file = SignIn { oidc_token_file_path: Some(at.path().into()), ..oidc };
    let pod = SignIn { use_oidc: false, use_aks_workload_identity: true, ..in_file.clone() };
    for sign_in in [given, in_file, pod] {
        let (token, asked) = site.token(&sign_in).await;
        assert_eq!(token.as_deref(), Ok(TOKEN));
        is_token_request(&asked[0], ASSERTION_FORM);
        assert_eq!(asked[0].form("client_assertion").unwrap().trim(), ASSERTION);
    }
}

#[tokio::test]
async fn a_github_workflow_asks_for_its_token_first() {
    let site = Site::new().await;
    site.authority.then(200, json!({"count": 1, "value": ASSERTION}));
    let sign_in = SignIn {
        use_oidc: true,
        oidc_request_url: Some(format!("{}/workflow?run=1", site.authority.url)),
        oidc_request_token: Some(Secret::new(REQUEST_TOKEN)),
        ..principal()
    };
    let (token, asked) = site.token(&sign_in).await;
    assert_eq!(token.as_deref(), Ok(TOKEN));
    assert_eq!(asked[0].line, "GET /workflow?run=1&audience=api%3A%2F%2FAzureADTokenExchange");
    assert_eq!(asked[0].header("authorization"), format!("Bearer {REQUEST_TOKEN}"));
    is_token_request(&asked[1], ASSERTION_FORM);
    assert_eq!(asked[1].form("client_assertion").as_deref(), Some(ASSERTION));
    assert_eq!(asked[1].header("authorization"), "", "that one goes to GitHub only");
}

#[tokio::test]
async fn an_azure_pipeline_asks_for_its_token_first() {
    let site = Site::new().await;
    site.authority.then(200, json!({"oidcToken": ASSERTION}));
    let sign_in = SignIn {
        use_oidc: true,
        ado_pipeline_service_connection_id: Some("the-connection".into()),
        oidc_request_url: Some(format!("{}/org/oidctoken", site.authority.url)),
        oidc_request_token: Some(Secret::new(REQUEST_TOKEN)),
        ..principal()
    };
    let (token, asked) = site.token(&sign_in).await;
    assert_eq!(token.as_deref(), Ok(TOKEN));
    assert_eq!(asked[0].line, "POST /org/oidctoken?api-version=7.1&serviceConnectionId=the-connection");
    assert_eq!(asked[0].header("authorization"), format!("Bearer {REQUEST_TOKEN}"));
    assert_eq!(asked[0].header("x-tfs-fedauthredirect"), "Suppress");
    assert_eq!(asked[1].form("client_assertion").as_deref(), Some(ASSERTION));
}

#[tokio::test]
async fn a_managed_identity_at_an_endpoint_of_its_own() {
    let site = Site::new().await;
    site.authority
        .then(200, json!({"access_token": TOKEN, "expires_on": "4102444800", "token_type": "Bearer"}));
    let sign_in = SignIn {
        use_msi: true,
        client_id: Some(CLIENT.into()),
        msi_endpoint: Some(format!("{}/metadata/identity/oauth2/token", site.authority.url)),
        ..SignIn::default()
    };
    let (token, asked) = site.token(&sign_in).await;
    assert_eq!(token.as_deref(), Ok(TOKEN));
    assert_eq!(
        asked[0].line,
        format!(
            "GET /metadata/identity/oauth2/token?api-version=2018-02-01\
             &resource=https%3A%2F%2Fmanagement.azure.com&client_id={CLIENT}"
        )
    );
    assert_eq!(asked[0].header("metadata"), "true");
}

#[tokio::test(start_paused = true)]
async fn a_managed_identity_of_the_machine() {
    let script = Script::new().on(
        "GET /metadata/identity/oauth2/token",
        json_answer(200, json!({"access_token": TOKEN, "expires_on": "4102444800", "token_type": "Bearer", "resource": "x"})),
    );
    let (transport, clock): (Arc<dyn Transport>, Arc<dyn Clock>) =
        (Arc::new(script.clone()), Arc::new(SystemClock));
    let sign_in = SignIn { use_msi: true, client_id: Some(CLIENT.into()), ..SignIn::default() };
    let cloud = Cloud::named("public").unwrap();
    let credential = sign_in.credential(&cloud, &transport, &clock).unwrap();
    let token = credential.get_token(&[&cloud.scope()], None).await.unwrap();
    assert_eq!(token.token.secret(), TOKEN);
    let seen = script.done();
    assert_eq!(seen[0].request.uri().host(), Some("169.254.169.254"));
    assert!(seen[0].request.uri().query().unwrap().ends_with(&format!("&client_id={CLIENT}")));
}

#[tokio::test]
async fn what_the_authority_refuses_is_told_in_its_words() {
    let site = Site::new().await;
    let text = "AADSTS7000215: Invalid client secret provided.";
    site.authority
        .then(401, json!({"error": "invalid_client", "error_description": text, "error_codes": [7_000_215]}));
    let sign_in = SignIn { client_secret: Some(Secret::new(SECRET)), ..principal() };
    let error = site.token(&sign_in).await.0.unwrap_err();
    assert!(error.contains(text) && !error.contains(SECRET), "{error}");

    site.authority.then(403, json!({"message": "the job has no id-token permission"}));
    let workflow = SignIn {
        use_oidc: true,
        oidc_request_url: Some(site.authority.url.clone()),
        oidc_request_token: Some(Secret::new(REQUEST_TOKEN)),
        ..principal()
    };
    let error = site.token(&workflow).await.0.unwrap_err();
    assert!(error.contains("GitHub") && error.contains("id-token permission"), "{error}");
}

#[tokio::test]
async fn an_authority_that_nobody_vouches_for_gets_nothing() {
    let mut site = Site::new().await;
    site.transport = Arc::new(HttpTransport::trusting(Authority::start().await.ca));
    let request = http::Request::get(&site.authority.url).body(Vec::new()).unwrap();
    let error = site.transport.send(request).await.unwrap_err();
    assert!(error.unsent && error.message.contains("localhost could not be asked"), "{error}");
    assert!(site.authority.asked().is_empty());

    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let request = http::Request::get(format!("https://{nobody}/?sig=x")).body(Vec::new()).unwrap();
    let error = site.transport.send(request).await.unwrap_err();
    assert!(error.unsent && !error.message.contains("sig"), "{error}");
}

#[test]
fn half_a_sign_in_is_an_error_and_not_another_way() {
    let cloud = Cloud::named("public").unwrap();
    let transport: Arc<dyn Transport> = Arc::new(HttpTransport::new());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let error = |sign_in: SignIn| {
        SignIn { use_cli: true, ..sign_in }.credential(&cloud, &transport, &clock).unwrap_err().to_string()
    };
    let secret = || Some(Secret::new(SECRET));
    assert_eq!(
        error(SignIn { client_secret: secret(), client_id: Some(CLIENT.into()), ..SignIn::default() }),
        "client_secret (ARM_CLIENT_SECRET) needs tenant_id (ARM_TENANT_ID)"
    );
    assert!(error(SignIn { use_oidc: true, ..principal() }).contains("oidc_token (ARM_OIDC_TOKEN), or"));
    assert!(
        error(SignIn { use_aks_workload_identity: true, ..principal() })
            .contains("AZURE_FEDERATED_TOKEN_FILE")
    );
    let plain = SignIn {
        use_oidc: true,
        oidc_request_url: Some("http://somewhere".into()),
        oidc_request_token: secret(),
        ..principal()
    };
    assert_eq!(error(plain), "oidc_request_url: it must begin with https://");
    let other = file("another");
    let text = error(SignIn {
        client_secret: secret(),
        client_secret_file_path: Some(other.path().into()),
        ..principal()
    });
    assert!(text.contains("something else than client_secret") && !text.contains(SECRET), "{text}");
}

#[test]
fn no_way_at_all_names_every_way() {
    let cloud = Cloud::named("public").unwrap();
    let transport: Arc<dyn Transport> = Arc::new(HttpTransport::new());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let error = SignIn::default().credential(&cloud, &transport, &clock).unwrap_err().to_string();
    for variable in [
        "ARM_CLIENT_CERTIFICATE_PATH",
        "ARM_CLIENT_SECRET",
        "ARM_OIDC_TOKEN",
        "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
        "ARM_OIDC_REQUEST_URL",
        "ARM_USE_AKS_WORKLOAD_IDENTITY",
        "ARM_USE_MSI",
        "ARM_USE_CLI",
    ] {
        assert!(error.contains(variable), "{variable} is not in: {error}");
    }
    let many = SignIn { auxiliary_tenant_ids: vec![TENANT.into(); 4], ..SignIn::default() };
    assert!(many.authorize(&cloud, &transport, &clock).is_err());
}

/// Hands out numbered tokens, for so long.
#[derive(Debug)]
struct Counter {
    count: Mutex<u32>,
    lasts: Duration,
}

#[async_trait]
impl TokenCredential for Counter {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        VirtualClock::default().sleep(Duration::from_secs(2)).await;
        let mut count = self.count.lock().unwrap();
        *count += 1;
        if *count == 3 {
            return Err(azure_core::Error::with_message(azure_core::error::ErrorKind::Credential, "not now"));
        }
        let ends = epoch() + self.lasts * *count;
        Ok(AccessToken::new(format!("token-{count}"), ends.into()))
    }
}

async fn authorized(bearer: &Bearer, url: &str) -> Result<String, String> {
    let mut request: Request = http::Request::get(url).body(Vec::new()).unwrap();
    bearer.authorize(&mut request).await?;
    let header = &request.headers()["authorization"];
    assert!(header.is_sensitive(), "{header:?}");
    Ok(header.to_str().unwrap().to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_token_is_fetched_once_and_renewed_before_it_ends() {
    let clock = VirtualClock::default();
    let counter = Arc::new(Counter { count: Mutex::new(0), lasts: Duration::from_secs(3600) });
    let cloud = Cloud::named("public").unwrap();
    let bearer = Bearer::new(vec![counter.clone()], &cloud, Arc::new(VirtualClock::default()));
    let url = "https://management.azure.com/subscriptions";
    let all = futures::future::join_all((0..20).map(|_| authorized(&bearer, url))).await;
    assert!(all.iter().all(|token| token.as_deref() == Ok("Bearer token-1")), "{all:?}");
    clock.sleep(Duration::from_secs(3200)).await;
    assert_eq!(authorized(&bearer, url).await.unwrap(), "Bearer token-1");
    clock.sleep(Duration::from_secs(200)).await;
    assert_eq!(authorized(&bearer, url).await.unwrap(), "Bearer token-2");
    clock.sleep(Duration::from_secs(3500)).await;
    assert_eq!(authorized(&bearer, url).await.unwrap(), "Bearer token-2", "the old one still does");
    assert_eq!(authorized(&bearer, url).await.unwrap(), "Bearer token-4");
    assert_eq!(*counter.count.lock().unwrap(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_token_goes_to_the_resource_manager_only() {
    let counter = Arc::new(Counter { count: Mutex::new(0), lasts: Duration::from_secs(3600) });
    let cloud = Cloud::named("public").unwrap();
    let bearer = Bearer::new(vec![counter.clone()], &cloud, Arc::new(VirtualClock::default()));
    for url in [
        "https://management.azure.com.evil.example/",
        "http://management.azure.com/",
        "https://management.azure.com:8443/",
        "https://management.chinacloudapi.cn/",
    ] {
        assert!(authorized(&bearer, url).await.unwrap_err().contains("not asked with a token"), "{url}");
    }
    assert_eq!(*counter.count.lock().unwrap(), 0, "none was even fetched");
}

#[tokio::test]
async fn auxiliary_tenants_have_their_tokens_beside() {
    let site = Site::new().await;
    let other = "33333333-3333-3333-3333-333333333333";
    let sign_in = SignIn {
        client_secret: Some(Secret::new(SECRET)),
        auxiliary_tenant_ids: vec![other.into()],
        ..principal()
    };
    let authorize = sign_in.authorize(&site.cloud, &site.transport, &site.clock).unwrap();
    let mut request = http::Request::get("https://management.azure.com/").body(Vec::new()).unwrap();
    authorize.authorize(&mut request).await.unwrap();
    assert_eq!(request.headers()["x-ms-authorization-auxiliary"], format!("Bearer {TOKEN}"));
    let lines: Vec<_> = site.authority.asked().into_iter().map(|asked| asked.line).collect();
    let line = |tenant| format!("POST /{tenant}/oauth2/v2.0/token");
    assert_eq!(lines, [line(TENANT), line(other)]);
}

/// Writes down everything that is logged, at every level, by every crate.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl<S: tracing::Subscriber> Layer<S> for Log {
    fn on_new_span(&self, attributes: &tracing::span::Attributes<'_>, _: &tracing::Id, _: Context<'_, S>) {
        let mut fields = Fields(String::new());
        attributes.record(&mut fields);
        self.0.lock().unwrap().push_str(&fields.0);
    }
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields(format!("\n{} {}", event.metadata().level(), event.metadata().target()));
        event.record(&mut fields);
        self.0.lock().unwrap().push_str(&fields.0);
    }
}

struct Fields(String);

impl tracing::field::Visit for Fields {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

#[tokio::test]
async fn no_log_holds_a_secret_or_a_token() {
    let log = Log::default();
    // While there is one subscriber alone, tracing asks only the thread that
    // meets a line first whether to log it, and other tests run beside this one.
    let second = tracing::Dispatch::new(tracing_subscriber::registry());
    let logging = tracing::subscriber::set_default(tracing_subscriber::registry().with(log.clone()));
    let mut site = Site::new().await;
    // The resource manager is here too, so that its requests are seen as well.
    site.cloud.resource_manager = site.authority.url.parse().unwrap();
    let (pfx, ..) = pfx(EncryptionAlgorithm::PbeWithHmacSha256AndAes256, MacAlgorithm::HmacSha256);
    let oidc = SignIn {
        use_oidc: true,
        oidc_request_url: Some(format!("{}/workflow", site.authority.url)),
        oidc_request_token: Some(Secret::new(REQUEST_TOKEN)),
        ..principal()
    };
    let ways = [
        SignIn { client_secret: Some(Secret::new(SECRET)), ..principal() },
        SignIn {
            client_certificate: Some(Secret::new(STANDARD.encode(&pfx))),
            client_certificate_password: Some(Secret::new(PASSWORD)),
            ..principal()
        },
        SignIn { oidc_token: Some(Secret::new(ASSERTION)), ..oidc.clone() },
        oidc,
    ];
    let mut signed = String::new();
    for (way, sign_in) in ways.iter().enumerate() {
        if way == 3 {
            site.authority.then(200, json!({"value": ASSERTION}));
        }
        let client = Client::new(Settings {
            endpoint: site.cloud.resource_manager.clone(),
            authorize: sign_in.authorize(&site.cloud, &site.transport, &site.clock).unwrap(),
            transport: Arc::clone(&site.transport),
            clock: Arc::clone(&site.clock),
            user_agent: "amlsecure/test".to_owned(),
            limits: Limits::default(),
        });
        let call = Call::new(uuid::Uuid::from_u128(7));
        let path = format!("{SUBSCRIPTION}/act?sig=a-query-that-no-log-may-show");
        let body = amlsecure::arm::Body(json!({"secret": "a-body-that-no-log-may-show"}));
        client.post(&call, &path, "1", Some(&body)).await.unwrap();
        tracing::info!(?sign_in, "as a careless line would log it");
        let asked = site.authority.asked();
        let last = asked.last().unwrap();
        assert_eq!(last.header("authorization"), format!("Bearer {TOKEN}"));
        signed += &asked.iter().filter_map(|asked| asked.form("client_assertion")).collect::<String>();
    }
    drop((logging, second));
    let log = log.0.lock().unwrap().clone();
    assert!(log.contains("path=\"/subscriptions/"), "our own requests are logged: {log}");
    assert!(log.contains("typespec_client_core"), "and the identity library's: {log}");
    let jwt = signed.split('.').nth(2).unwrap().get(..40).unwrap();
    for secret in ["no-log-may-show", SECRET, ASSERTION, REQUEST_TOKEN, PASSWORD, TOKEN, jwt] {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} is in: {line:?}");
    }
}
