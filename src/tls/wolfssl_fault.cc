// wolfSSL's error numbers in the words of session.h.
#include "tls/wolfssl_state.h"

namespace dotkeep::tls {

namespace {

// RFC 8446 section 6.2.
const char* alert_text(int code) {
  switch (code) {
    case 10:
      return "unexpected_message";
    case 20:
      return "bad_record_mac";
    case 22:
      return "record_overflow";
    case 40:
      return "handshake_failure";
    case 42:
      return "bad_certificate";
    case 43:
      return "unsupported_certificate";
    case 44:
      return "certificate_revoked";
    case 45:
      return "certificate_expired";
    case 46:
      return "certificate_unknown";
    case 47:
      return "illegal_parameter";
    case 48:
      return "unknown_ca";
    case 49:
      return "access_denied";
    case 50:
      return "decode_error";
    case 51:
      return "decrypt_error";
    case 70:
      return "protocol_version";
    case 71:
      return "insufficient_security";
    case 80:
      return "internal_error";
    case 86:
      return "inappropriate_fallback";
    case 90:
      return "user_canceled";
    case 109:
      return "missing_extension";
    case 110:
      return "unsupported_extension";
    case 112:
      return "unrecognized_name";
    case 113:
      return "bad_certificate_status_response";
    case 115:
      return "unknown_psk_identity";
    case 116:
      return "certificate_required";
    case 120:
      return "no_application_protocol";
    default:
      return "unknown alert";
  }
}

FaultText received_alert(WOLFSSL* ssl) {
  WOLFSSL_ALERT_HISTORY history{};
  if (wolfSSL_get_alert_history(ssl, &history) != WOLFSSL_SUCCESS) {
    return {FaultKind::alert, "unknown alert"};
  }
  const int code = history.last_rx.code;
  const FaultKind kind = code == 70    ? FaultKind::protocol_version
                         : code == 120 ? FaultKind::alpn
                                       : FaultKind::alert;
  return {kind, alert_text(code)};
}

FaultKind kind_of(int error) {
  switch (error) {
    case MEMORY_E:
    case MEMORY_ERROR:
      return FaultKind::resources;
    case VERSION_ERROR:
      return FaultKind::protocol_version;
    case ASN_AFTER_DATE_E:
      return FaultKind::expired;
    case ASN_BEFORE_DATE_E:
      return FaultKind::not_yet_valid;
    case DOMAIN_NAME_MISMATCH:
      return FaultKind::name_mismatch;
    case ASN_NO_SIGNER_E:
    case ASN_SELF_SIGNED_E:
    case ASN_SIG_CONFIRM_E:
    case ASN_SIG_KEY_E:
    case ASN_NAME_INVALID_E:
    case ASN_PATHLEN_SIZE_E:
    case ASN_PATHLEN_INV_E:
    case NOT_CA_ERROR:
    case VERIFY_CERT_ERROR:
      return FaultKind::not_trusted;
    case RSA_KEY_SIZE_E:
    case ECC_KEY_SIZE_E:
      return FaultKind::weak_key;
    case ASN_PARSE_E:
    case ASN_UNKNOWN_OID_E:
    case ASN_CRIT_EXT_E:
    case MAX_CHAIN_ERROR:
    case NO_PEER_CERT:
    case EXTKEYUSAGE_E:
    case KEYUSAGE_E:
      return FaultKind::certificate_form;
    case UNKNOWN_ALPN_PROTOCOL_NAME_E:
      return FaultKind::alpn;
    default:
      return FaultKind::handshake;
  }
}

}  // namespace

FaultText wolfssl_fault(WOLFSSL* ssl, int error, bool established) {
  if (error == FATAL_ERROR) return received_alert(ssl);
  FaultKind kind = kind_of(error);
  if (established && kind != FaultKind::resources) kind = FaultKind::record;
  const char* text = wolfSSL_ERR_reason_error_string(static_cast<unsigned long>(error));
  return {kind, text != nullptr ? text : ""};
}

}  // namespace dotkeep::tls
