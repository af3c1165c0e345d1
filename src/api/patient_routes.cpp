#include "api/json_input.h"
#include "api/patient_import.h"
#include "api/routes.h"
#include "core/text.h"
#include "domain/patient_json.h"

#include <boost/json/array.hpp>

#include <algorithm>
#include <memory>
#include <span>

namespace carevoice::api {

namespace json = boost::json;

namespace {

Error name_patient(Error error) {
    if (error.code == Errc::not_found || error.code == Errc::conflict) error.field = "patient_id";
    if (error.code == Errc::not_found) error.detail = "no such patient";
    if (error.code == Errc::conflict) error.detail = "a patient with this id exists";
    return error;
}

/// Between two parts of a long file the database serves others.
constexpr std::size_t import_rows_at_once = 50;

json::object report_json(ImportReport report) {
    std::ranges::sort(report.rejected, {}, &domain::RowFault::row);
    json::array rejected;
    for (const auto& fault : report.rejected) {
        json::object row;
        row["row"] = fault.row;
        row["field"] = fault.field.empty() ? json::value(nullptr) : json::value(fault.field);
        row["detail"] = fault.detail;
        rejected.push_back(std::move(row));
    }
    return {{"imported", report.imported}, {"updated", report.updated}, {"rejected", std::move(rejected)}};
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

Answer PatientRoutes::import_csv(net::HttpRequest request) {
    if (const auto type = request.headers.find("Content-Type")) {
        if (!equals_ignoring_case(trim(type->substr(0, type->find(';'))), "text/csv"))
            co_return Error{Errc::invalid_input, "the body must be text/csv", "Content-Type"};
    }
    // Ten thousand rows take a moment: read on the pool, too, and not while others' media frames wait.
    auto parse = [text = std::move(request.body)](storage::Database&) { return domain::parse_patient_csv(text); };
    auto csv = co_await deps_.store.ask(std::move(parse));
    if (csv.has_error()) co_return csv.error();
    ImportReport report{.rejected = std::move(csv->faults)};
    const auto rows = std::make_shared<const std::vector<domain::PatientRow>>(std::move(csv->rows));
    for (std::size_t from = 0; from < rows->size(); from += import_rows_at_once) {
        const auto count = std::min(import_rows_at_once, rows->size() - from);
        auto question = [rows, from, count](storage::Database& database) {
            return import_patients(database, std::span(*rows).subspan(from, count));
        };
        auto part = co_await deps_.store.ask(std::move(question));
        if (part.has_error()) co_return part.error();
        report.add(std::move(*part));
    }
    co_return json_response(200, report_json(std::move(report)));
}

Answer PatientRoutes::fetch(net::HttpRequest request) {
    const auto id = patient_id(request);
    if (id.has_error()) co_return id.error();
    auto question = [id = *id](storage::Database& database) { return database.patients().find(id); };
    const auto found = co_await deps_.store.ask(std::move(question));
    if (found.has_error()) co_return name_patient(found.error());
    co_return json_response(200, domain::to_json(*found));
}

Answer PatientRoutes::replace(net::HttpRequest request) {
    const auto id = patient_id(request);
    if (id.has_error()) co_return id.error();
    auto body = read_json_object(request);
    if (body.has_error()) co_return body.error();
    auto patient = domain::patient_from_json(*body);
    if (patient.has_error()) co_return patient.error();
    if (patient->patient_id != *id) co_return Error{Errc::invalid_input, "must be the id of the path", "patient_id"};
    const bool says_opted_out = body->contains("opted_out") && !body->at("opted_out").is_null();
    auto question = [patient = std::move(*patient),
                     says_opted_out](storage::Database& database) -> Result<domain::Patient> {
        return database.patients().update(patient.patient_id, [&](domain::Patient& stored) {
            const bool opted_out = stored.opted_out;
            stored = patient;
            // "Stop calling me" is not undone by leaving a field out.
            if (!says_opted_out) stored.opted_out = opted_out;
        });
    };
    const auto replaced = co_await deps_.store.ask(std::move(question));
    if (replaced.has_error()) co_return name_patient(replaced.error());
    co_return json_response(200, domain::to_json(*replaced));
}

Answer PatientRoutes::remove(net::HttpRequest request) {
    const auto id = patient_id(request);
    if (id.has_error()) co_return id.error();
    auto question = [id = *id](storage::Database& database) { return database.patients().erase(id); };
    const auto erased = co_await deps_.store.ask(std::move(question));
    if (erased.has_error()) co_return name_patient(erased.error());
    net::HttpResponse response;
    response.status = 204;
    co_return response;
}

}  // namespace carevoice::api
