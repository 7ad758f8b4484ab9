// wolfSSL's error numbers in the words of session.h.
#include "tls/wolfssl_state.h"

namespace dotkeep::tls {

namespace {

// RFC 8446 section 6.2.
struct AlertName {
  int code;
  const char* text;
};
constexpr AlertName kAlerts[] = {
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {22, "record_overflow"},
    {40, "handshake_failure"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {120, "no_application_protocol"},
};

const char* alert_text(int code) {
  for (const AlertName& alert : kAlerts) {
    if (alert.code == code) return alert.text;
  }
  return "unknown alert";
}

FaultText received_alert(WOLFSSL* ssl) {
  WOLFSSL_ALERT_HISTORY history{};
  wolfSSL_get_alert_history(ssl, &history);
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
