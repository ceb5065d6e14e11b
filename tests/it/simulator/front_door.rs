//! Signing in at the front, where time matters: tokens that are over, and
//! assertions whose expiry is no whole number (azure-network C.2, row 401;
//! RFC 7519, 2: clients of Python write fractions).

use std::sync::Arc;

use amlsecure::simulator::{CLIENT, ClientCertificate, Door, TENANT};
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{CertificateParams, KeyPair, PublicKeyData as _, SigningKey as _};

use super::*;

const BASE: &str = "https://localhost:8443";

/// A front, and the key whose holder may sign in there.
struct Front {
    door: Door,
    key: KeyPair,
    certificate: Vec<u8>,
}

impl Front {
    fn open() -> Self {
        let key = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        let certificate = CertificateParams::new(vec!["client".to_owned()])
            .unwrap()
            .self_signed(&key)
            .unwrap()
            .der()
            .to_vec();
        let known =
            ClientCertificate { certificate: certificate.clone(), public_key: key.der_bytes().to_vec() };
        let simulator = Arc::new(Simulator::open(Settings::default()).unwrap());
        Self { door: Door::new(simulator, Some(known)).unwrap(), key, certificate }
    }

    fn ask(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: String,
        now: u64,
    ) -> (u16, HeaderMap, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("{BASE}{path}"))
            .header("authorization", format!("Bearer {token}"))
            .body(body.into_bytes())
            .unwrap();
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
        let (head, body) = self.door.handle(request, at).unwrap().into_parts();
        (head.status.as_u16(), head.headers, serde_json::from_slice(&body).unwrap_or_default())
    }

    /// Signs in at `EPOCH` with an assertion that is good until `expires`.
    fn sign_in(&self, expires: Value) -> Value {
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let print = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, &self.certificate));
        let header = json!({ "alg": "RS256", "typ": "JWT", "x5t#S256": print });
        let claims = json!({
            "aud": format!("{BASE}/{TENANT}/oauth2/v2.0/token"), "iss": CLIENT, "sub": CLIENT, "exp": expires,
        });
        let message = format!("{}.{}", part(&header), part(&claims));
        let signature = URL_SAFE_NO_PAD.encode(self.key.sign(message.as_bytes()).unwrap());
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", CLIENT)
            .append_pair("scope", &format!("{BASE}/.default"))
            .append_pair("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            .append_pair("client_assertion", &format!("{message}.{signature}"))
            .finish();
        self.ask(Method::POST, &format!("/{TENANT}/oauth2/v2.0/token"), "", form, EPOCH).2
    }
}

#[test]
fn an_assertion_may_be_good_until_a_fraction_of_a_second() {
    let front = Front::open();
    let soon = f64::from(u32::try_from(EPOCH).unwrap()) + 600.25;
    for expires in [json!(EPOCH + 600), json!(soon)] {
        let answer = front.sign_in(expires.clone());
        assert!(answer["access_token"].is_string(), "{expires}: {answer}");
    }
    for expires in [json!(EPOCH - 1), json!(soon - 601.0), json!("soon"), Value::Null] {
        let answer = front.sign_in(expires.clone());
        assert_eq!(answer["error_codes"][0], 700_213, "{expires}: {answer}");
    }
}

#[test]
fn a_token_that_is_over_is_refused_with_where_to_get_another() {
    let front = Front::open();
    let answer = front.sign_in(json!(EPOCH + 600));
    let token = answer["access_token"].as_str().unwrap();
    let list = "/subscriptions?api-version=2022-12-01";
    assert_eq!(front.ask(Method::GET, list, token, String::new(), EPOCH + 60).0, 200);
    let (status, headers, body) = front.ask(Method::GET, list, token, String::new(), EPOCH + 86_400);
    assert_eq!((status, &body["error"]["code"]), (401, &json!("ExpiredAuthenticationToken")));
    let challenge = headers["www-authenticate"].to_str().unwrap();
    assert!(challenge.starts_with("Bearer authorization_uri=") && challenge.contains("invalid_token"));
    let (status, _, body) = front.ask(Method::GET, list, "x.y.z", String::new(), EPOCH);
    assert_eq!((status, &body["error"]["code"]), (401, &json!("InvalidAuthenticationToken")));
}
