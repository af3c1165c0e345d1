// Every route of the service, each declared once: who may call it, who answers, and what /openapi.json says about it.
// Internal to the room.
#pragma once

#include "api/routes.h"

#include <span>

namespace carevoice::api {

enum class Access {
    key,  ///< the API key, when one is set
    signed_by_twilio,
    open,  ///< no patient data in the answer
};

/// What travels as a body: the name of a schema of openapi_schemas.h, and its media type. No schema: opaque text.
struct Content {
    const char* media_type = nullptr;  ///< nullptr: no body
    const char* schema = nullptr;
};

constexpr Content json_body(const char* schema) {
    return {"application/json", schema};
}

struct Route {
    const char* method;
    const char* pattern;
    Access access;
    int status;                                      ///< when it went well
    Answer (*handler)(Handlers&, net::HttpRequest);  ///< nullptr: the media WebSocket, or a stream

    const char* operation;  ///< a name for generated clients
    const char* summary;
    Content body = {};
    Content answer = {};
    const char* query = "";     ///< names of its query parameters, separated by spaces
    const char* problems = "";  ///< statuses it may refuse with, beside those that its access brings
};

std::span<const Route> route_table() noexcept;

}  // namespace carevoice::api
