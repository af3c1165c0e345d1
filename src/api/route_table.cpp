#include "api/route_table.h"

namespace carevoice::api {

namespace {

using H = Handlers;

/// The room and the member function that answer.
template <auto Room, auto Function>
Answer by(Handlers& handlers, net::HttpRequest request) {
    return ((handlers.*Room).*Function)(std::move(request));
}

constexpr Content form{"application/x-www-form-urlencoded", "TwilioForm"};
constexpr Content csv{"text/csv", nullptr};
constexpr Content twiml{"text/xml", nullptr};
constexpr Content no_body{};

// clang-format off
constexpr Route routes[] = {
    // ---- Calls
    {"POST", "/api/v1/calls/initiate", Access::key, 201, by<&H::calls, &CallRoutes::initiate>,
     "initiateCall",
     "Telephone a patient now, or plan it. The same call_session_id with the same body again gives 200 and the same "
     "call, and nothing is dialled twice.",
     json_body("InitiateRequest"), json_body("Call"), "", "404 409 413 422 502 503"},
    {"GET", "/api/v1/calls", Access::key, 200, by<&H::calls, &CallRoutes::list>,
     "listCalls", "Calls, newest first.",
     no_body, json_body("CallList"), "patient_id call_status from to limit cursor", "503"},
    {"GET", "/api/v1/calls/status/{id}", Access::key, 200, by<&H::calls, &CallRoutes::status>,
     "getCallStatus", "One call with its topics, clinical data and alerts; live while it lasts.",
     no_body, json_body("CallStatus"), "", "404 503"},
    {"GET", "/api/v1/calls/transcripts/{id}", Access::key, 200, by<&H::calls, &CallRoutes::transcript>,
     "getTranscript", "What was said in a call, turn by turn, and its summary.",
     no_body, json_body("Transcript"), "", "404 503"},
    {"POST", "/api/v1/calls/{id}/end", Access::key, 202, by<&H::calls, &CallRoutes::end>,
     "endCall", "Hang up a live call, or withdraw a planned one.",
     no_body, json_body("CallStatus"), "", "404 409 502 503 504"},
    {"GET", "/api/v1/calls/analytics", Access::key, 200, by<&H::calls, &CallRoutes::analytics>,
     "getAnalytics", "Figures over the calls created in a span of time.",
     no_body, json_body("Analytics"), "from to", "503"},
    {"GET", "/api/v1/calls/twilio-status", Access::key, 200, by<&H::calls, &CallRoutes::twilio_status>,
     "getTwilioStatus", "Whether Twilio answers us, and what it says about the account.",
     no_body, json_body("TwilioStatus")},

    // ---- Patients
    {"GET", "/api/v1/patients", Access::key, 200, by<&H::patients, &PatientRoutes::list>,
     "listPatients", "Patients by id, without date of birth, phone, medicines or contacts.",
     no_body, json_body("PatientList"), "limit cursor", "503"},
    {"POST", "/api/v1/patients", Access::key, 201, by<&H::patients, &PatientRoutes::create>,
     "createPatient", "Add a patient.",
     json_body("Patient"), json_body("Patient"), "", "409 413 503"},
    {"POST", "/api/v1/patients/import", Access::key, 200, by<&H::patients, &PatientRoutes::import_csv>,
     "importPatients",
     "Add and change patients from a CSV file with a header row. Rows at fault are listed and do not stop the others; "
     "an empty cell changes nothing. The same file may be sent again.",
     csv, json_body("ImportReport"), "", "413 503"},
    {"GET", "/api/v1/patients/{id}", Access::key, 200, by<&H::patients, &PatientRoutes::fetch>,
     "getPatient", "One patient.",
     no_body, json_body("Patient"), "", "404 503"},
    {"PUT", "/api/v1/patients/{id}", Access::key, 200, by<&H::patients, &PatientRoutes::replace>,
     "replacePatient", "Replace a patient. Only opted_out keeps its value when it is left out.",
     json_body("Patient"), json_body("Patient"), "", "404 413 503"},
    {"DELETE", "/api/v1/patients/{id}", Access::key, 204, by<&H::patients, &PatientRoutes::remove>,
     "deletePatient", "Delete a patient, and all calls with what was said in them.",
     no_body, no_body, "", "404 503"},

    // ---- Alerts
    {"GET", "/api/v1/alerts", Access::key, 200, by<&H::alerts, &AlertRoutes::list>,
     "listAlerts", "Alerts, newest first.",
     no_body, json_body("AlertList"), "call_session_id alert_status at_least limit cursor", "503"},
    {"GET", "/api/v1/alerts/{id}", Access::key, 200, by<&H::alerts, &AlertRoutes::fetch>,
     "getAlert", "One alert with its history.",
     no_body, json_body("Alert"), "", "404 503"},
    {"POST", "/api/v1/alerts/{id}/acknowledge", Access::key, 200, by<&H::alerts, &AlertRoutes::acknowledge>,
     "acknowledgeAlert", "Somebody looks after it. The body may be left out.",
     json_body("AlertWords"), json_body("Alert"), "", "404 409 503"},
    {"POST", "/api/v1/alerts/{id}/resolve", Access::key, 200, by<&H::alerts, &AlertRoutes::resolve>,
     "resolveAlert", "It is settled. The body may be left out.",
     json_body("AlertWords"), json_body("Alert"), "", "404 409 503"},
    {"POST", "/api/v1/alerts/{id}/notes", Access::key, 200, by<&H::alerts, &AlertRoutes::add_note>,
     "noteAlert", "Write something down about it.",
     json_body("AlertWords"), json_body("Alert"), "", "404 503"},

    // ---- Live events
    {"GET", "/api/v1/events", Access::key, 200, nullptr,
     "watchCalls",
     "Server-sent events: what happens in all calls, or in one call with the words of a patient who is still speaking. "
     "Go on after a break with the id of the last event; `reload` means that this is not possible any more.",
     no_body, {"text/event-stream", "LiveEvent"}, "call_session_id last_event_id", "503"},

    // ---- Twilio
    {"POST", "/api/v1/twilio/voice-webhook/{id}", Access::signed_by_twilio, 200, by<&H::twilio, &TwilioRoutes::voice>,
     "answerCall", "Twilio asks what to say: at the answer, and after each silence.",
     form, twiml, "", "404 409 503"},
    {"POST", "/api/v1/twilio/gather/{id}", Access::signed_by_twilio, 200, by<&H::twilio, &TwilioRoutes::gather>,
     "takeGathered", "Twilio brings words that it recognised, or keys.",
     form, twiml, "", "404 409 503"},
    {"POST", "/api/v1/twilio/status-callback/{id}", Access::signed_by_twilio, 204,
     by<&H::twilio, &TwilioRoutes::status>,
     "takeStatus", "Twilio reports how a call goes. Late, repeated and reordered reports are harmless.",
     form, no_body, "", "404 503"},
    {"POST", "/api/v1/twilio/amd/{id}", Access::signed_by_twilio, 204, by<&H::twilio, &TwilioRoutes::machine_verdict>,
     "takeMachineVerdict", "Twilio says whether a person or a machine answered.",
     form, no_body, "", "404 503"},
    {"POST", "/api/v1/twilio/stream-status/{id}", Access::signed_by_twilio, 204,
     by<&H::twilio, &TwilioRoutes::stream_status>,
     "takeStreamStatus", "Twilio reports that a media stream began, ended or failed.",
     form, no_body, "", "404 503"},
    {"POST", "/api/v1/twilio/recording/{id}", Access::signed_by_twilio, 204, by<&H::twilio, &TwilioRoutes::recording>,
     "takeRecording", "Twilio reports how a recording goes.",
     form, no_body, "", "404 409 503"},
    {"GET", "/api/v1/twilio/audio-stream/{id}", Access::signed_by_twilio, 101, nullptr,
     "streamAudio",
     "WebSocket of Twilio Media Streams. The first `start` must carry the call's CallSid and its one-use token as the "
     "custom parameter `token`; otherwise the socket closes with 1008.",
     no_body, no_body, "", "404 409 426 503"},

    // ---- Service
    {"GET", "/health", Access::open, 200, by<&H::health, &HealthRoutes::alive>,
     "getHealth", "The process is alive.",
     no_body, json_body("Health")},
    {"GET", "/health/ready", Access::open, 200, by<&H::health, &HealthRoutes::ready>,
     "getReadiness", "Its parts work. 503, with the same body, while the database is away and from the moment the service goes down.",
     no_body, json_body("Readiness")},
    {"GET", "/metrics", Access::open, 200, by<&H::health, &HealthRoutes::metrics>,
     "getMetrics", "Figures for Prometheus, in its text format.",
     no_body, {"text/plain", nullptr}},
    {"GET", "/openapi.json", Access::open, 200, by<&H::documentation, &DocumentationRoutes::openapi>,
     "getOpenApi", "This description.",
     no_body, {"application/json", nullptr}},
    {"GET", "/docs", Access::open, 200, by<&H::documentation, &DocumentationRoutes::page>,
     "getDocs", "This description as a page to read.",
     no_body, {"text/html", nullptr}},
};
// clang-format on

}  // namespace

std::span<const Route> route_table() noexcept {
    return routes;
}

}  // namespace carevoice::api
