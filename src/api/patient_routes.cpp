#include "api/json_input.h"
#include "api/routes.h"
#include "domain/patient_json.h"

#include <boost/json/array.hpp>

namespace carevoice::api {

namespace json = boost::json;

namespace {

Result<PatientId> path_id(const net::HttpRequest& request) {
    const auto id = request.path_param("id");
    if (!is_valid_public_id(id)) return Error{Errc::not_found, "no such patient", "patient_id"};
    return PatientId(std::string(id));
}

Error name_patient(Error error) {
    if (error.code == Errc::not_found || error.code == Errc::conflict) error.field = "patient_id";
    if (error.code == Errc::not_found) error.detail = "no such patient";
    if (error.code == Errc::conflict) error.detail = "a patient with this id exists";
    return error;
}

}  // namespace

Answer PatientRoutes::list(net::HttpRequest request) {
    const auto limit = query_limit(request);
    if (limit.has_error()) co_return limit.error();
    storage::PageRequest page;
    page.limit = *limit;
    page.cursor = net::find_field(request.query, "cursor").value_or("");
    auto question = [page](storage::Database& database) { return database.patients().list(page); };
    const auto found = co_await deps_.store.ask(std::move(question));
    if (found.has_error()) co_return found.error();
    json::array patients;
    for (const auto& patient : found->items) patients.push_back(domain::to_partial_json(patient));
    json::object body;
    body["patients"] = std::move(patients);
    body["next_cursor"] = found->cursor.empty() ? json::value(nullptr) : json::value(found->cursor);
    co_return json_response(200, body);
}

Answer PatientRoutes::create(net::HttpRequest request) {
    auto body = read_json_object(request);
    if (body.has_error()) co_return body.error();
    auto patient = domain::patient_from_json(*body);
    if (patient.has_error()) co_return patient.error();
    auto question = [patient = *patient](storage::Database& database) { return database.patients().insert(patient); };
    const auto inserted = co_await deps_.store.ask(std::move(question));
    if (inserted.has_error()) co_return name_patient(inserted.error());
    auto response = json_response(201, domain::to_json(*patient));
    response.headers.set("Location", "/api/v1/patients/" + patient->patient_id.str());
    co_return response;
}

Answer PatientRoutes::fetch(net::HttpRequest request) {
    const auto id = path_id(request);
    if (id.has_error()) co_return id.error();
    auto question = [id = *id](storage::Database& database) { return database.patients().find(id); };
    const auto found = co_await deps_.store.ask(std::move(question));
    if (found.has_error()) co_return name_patient(found.error());
    co_return json_response(200, domain::to_json(*found));
}

Answer PatientRoutes::replace(net::HttpRequest request) {
    const auto id = path_id(request);
    if (id.has_error()) co_return id.error();
    auto body = read_json_object(request);
    if (body.has_error()) co_return body.error();
    auto patient = domain::patient_from_json(*body);
    if (patient.has_error()) co_return patient.error();
    if (patient->patient_id != *id) co_return Error{Errc::invalid_input, "must be the id of the path", "patient_id"};
    auto question = [patient = *patient](storage::Database& database) { return database.patients().update(patient); };
    const auto updated = co_await deps_.store.ask(std::move(question));
    if (updated.has_error()) co_return name_patient(updated.error());
    co_return json_response(200, domain::to_json(*patient));
}

Answer PatientRoutes::remove(net::HttpRequest request) {
    const auto id = path_id(request);
    if (id.has_error()) co_return id.error();
    auto question = [id = *id](storage::Database& database) { return database.patients().erase(id); };
    const auto erased = co_await deps_.store.ask(std::move(question));
    if (erased.has_error()) co_return name_patient(erased.error());
    net::HttpResponse response;
    response.status = 204;
    co_return response;
}

}  // namespace carevoice::api
