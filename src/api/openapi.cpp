#include "api/openapi.h"

#include "api/openapi_schemas.h"
#include "api/problem.h"
#include "domain/patient_csv.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <set>
#include <string>

namespace carevoice::api {

namespace json = boost::json;

namespace {

template <class Visit>
void for_each_word(std::string_view text, Visit visit) {
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        visit(std::string(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

json::object reference(std::string_view kind, std::string_view name) {
    return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}};
}

json::object content_of(const Content& content) {
    json::object schema =
        content.schema == nullptr ? json::object{{"type", "string"}} : reference("schemas", content.schema);
    return {{content.media_type, {{"schema", std::move(schema)}}}};
}

json::object path_parameter(std::string_view subject) {
    std::string of = "of the call: its call_session_id";
    if (subject == "patients") of = "of the patient: its patient_id";
    if (subject == "alerts") of = "of the alert";
    return {{"name", "id"},
            {"in", "path"},
            {"required", true},
            {"description", of},
            {"schema", reference("schemas", "Id")}};
}

/// Those that the row names, and those that come with who may call it and what it reads.
std::set<int> problem_statuses(const Route& route) {
    std::set<int> statuses;
    for_each_word(route.problems, [&](const std::string& word) { statuses.insert(std::stoi(word)); });
    if (route.access == Access::key) statuses.insert(401);
    if (route.access == Access::signed_by_twilio) statuses.insert(403);
    if (route.body.media_type != nullptr) statuses.insert({400, 413});
    if (route.query[0] != '\0') statuses.insert(400);
    return statuses;
}

json::object problem(std::string_view description) {
    return {{"description", description}, {"content", content_of({"application/problem+json", "Problem"})}};
}

json::object responses(const Route& route) {
    json::object out;
    json::object well{{"description", route.status == 101 ? "the socket is open" : "done"}};
    if (route.answer.media_type != nullptr) well["content"] = content_of(route.answer);
    out[std::to_string(route.status)] = std::move(well);
    for (const int status : problem_statuses(route)) out[std::to_string(status)] = problem(problem_title(status));
    out["default"] = problem("any other refusal");
    return out;
}

json::array security(Access access) {
    if (access == Access::key) return {{{"apiKey", json::array{}}}};
    if (access == Access::signed_by_twilio) return {{{"twilioSignature", json::array{}}}};
    return {};
}

std::string csv_description() {
    std::string text = "Row 1 names the columns, in any order; at most " +
                       std::to_string(domain::patient_csv_rows_max) +
                       " rows. Medications are separated by ';', flags are true, false, yes or no. Columns:";
    std::string_view before = " ";
    for (const auto column : domain::patient_csv_columns()) {
        text += std::string(before) + std::string(column);
        before = ", ";
    }
    return text + ".";
}

json::object operation(const Route& route) {
    const auto subject = subject_of(route);
    json::object out;
    out["operationId"] = route.operation;
    out["tags"] = json::array{subject};
    out["summary"] = route.summary;
    out["security"] = security(route.access);
    json::array parameters;
    if (std::string_view(route.pattern).find("{id}") != std::string_view::npos)
        parameters.push_back(path_parameter(subject));
    for_each_word(route.query, [&](const std::string& word) { parameters.push_back(reference("parameters", word)); });
    if (!parameters.empty()) out["parameters"] = std::move(parameters);
    if (route.body.media_type != nullptr) {
        json::object body{{"required", true}, {"content", content_of(route.body)}};
        if (std::string_view(route.body.media_type) == "text/csv") body["description"] = csv_description();
        out["requestBody"] = std::move(body);
    }
    out["responses"] = responses(route);
    return out;
}

json::object security_schemes() {
    return {{"apiKey",
             {{"type", "http"},
              {"scheme", "bearer"},
              {"description", "ADMIN_API_KEY of the service; not needed while none is set (loopback only)"}}},
            {"twilioSignature",
             {{"type", "apiKey"},
              {"in", "header"},
              {"name", "X-Twilio-Signature"},
              {"description", "HMAC-SHA1 with the account's auth token over the public URL and the form"}}}};
}

}  // namespace

std::string_view subject_of(const Route& route) noexcept {
    const std::string_view pattern = route.pattern;
    for (const std::string_view subject : {"calls", "patients", "alerts", "twilio"})
        if (pattern.starts_with("/api/v1/") && pattern.substr(8).starts_with(subject)) return subject;
    return "service";
}

json::object openapi_document(std::span<const Route> routes) {
    json::object paths;
    for (const auto& route : routes) {
        std::string method = route.method;
        for (char& letter : method) letter = static_cast<char>(letter - 'A' + 'a');
        auto& path = paths[route.pattern];
        if (!path.is_object()) path.emplace_object();
        path.get_object()[method] = operation(route);
    }
    auto components = json::parse(openapi_schemas()).as_object();
    components["securitySchemes"] = security_schemes();
    return {{"openapi", "3.1.0"},
            {"info",
             {{"title", "Carevoice"},
              {"version", "1"},
              {"description",
               "Telephones patients after an operation, listens, and tells the care team when something is wrong. "
               "Times are RFC 3339 in UTC. Refusals are application/problem+json (RFC 9457) with a stable type."}}},
            {"paths", std::move(paths)},
            {"components", std::move(components)}};
}

}  // namespace carevoice::api
