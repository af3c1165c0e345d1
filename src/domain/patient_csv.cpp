#include "domain/patient_csv.h"

#include "core/text.h"
#include "domain/patient_json.h"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

namespace carevoice::domain {
namespace {

namespace json = boost::json;

enum class CellKind { text, flag, list };

struct Column {
    std::string_view name;
    std::string_view group;  ///< the object that holds the field; empty for the patient itself
    std::string_view field;
    CellKind kind = CellKind::text;
};

constexpr std::array columns{
    Column{"patient_id", "", "patient_id"},
    Column{"first_name", "", "first_name"},
    Column{"last_name", "", "last_name"},
    Column{"date_of_birth", "", "date_of_birth"},
    Column{"phone", "", "phone"},
    Column{"procedure", "", "procedure"},
    Column{"procedure_family", "", "procedure_family"},
    Column{"surgery_date", "", "surgery_date"},
    Column{"time_zone", "", "time_zone"},
    Column{"language", "", "language"},
    Column{"medications", "", "medications", CellKind::list},
    Column{"lives_alone", "", "lives_alone", CellKind::flag},
    Column{"opted_out", "", "opted_out", CellKind::flag},
    Column{"consents_calls", "consents", "calls", CellKind::flag},
    Column{"consents_recording", "consents", "recording", CellKind::flag},
    Column{"consents_voicemail", "consents", "voicemail", CellKind::flag},
    Column{"caregiver_name", "caregiver", "name"},
    Column{"caregiver_phone", "caregiver", "phone"},
    Column{"caregiver_authorised", "caregiver", "authorised", CellKind::flag},
    Column{"care_team_name", "care_team", "name"},
    Column{"care_team_email", "care_team", "email"},
    Column{"care_team_phone", "care_team", "phone"},
};

constexpr auto column_names = [] {
    std::array<std::string_view, columns.size()> names{};
    for (std::size_t i = 0; i < columns.size(); ++i) names[i] = columns[i].name;
    return names;
}();

Error bad_file(std::string detail, std::string field = {}) {
    return Error{.code = Errc::invalid_input, .detail = std::move(detail), .field = std::move(field)};
}

using Cells = std::vector<std::string>;

/// Takes a text apart into rows of cells, RFC 4180 section 2. A quote in the wrong place is an error of the file: from
/// there on nobody can tell what is a row.
class CsvReader {
public:
    explicit CsvReader(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
    /// Of the row that next() gave.
    [[nodiscard]] std::size_t row_number() const noexcept { return row_; }

    Result<Cells> next() {
        ++row_;
        Cells cells;
        for (;;) {
            auto cell = rest_.starts_with('"') ? quoted() : plain();
            if (cell.has_error()) return cell.error();
            cells.push_back(std::move(*cell));
            if (rest_.empty()) return cells;
            if (take(",")) continue;
            if (take("\n") || take("\r\n")) return cells;
            return wrong("a line ends with CRLF or LF, not with CR alone, and nothing follows a closing quote");
        }
    }

private:
    bool take(std::string_view text) {
        if (!rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }

    Result<std::string> plain() {
        const auto cell = rest_.substr(0, rest_.find_first_of(",\r\n"));
        if (cell.find('"') != std::string_view::npos)
            return wrong("a cell with a quote in it must be quoted, and the quote doubled");
        rest_.remove_prefix(cell.size());
        return std::string(cell);
    }

    Result<std::string> quoted() {
        std::string cell;
        rest_.remove_prefix(1);
        for (;;) {
            const auto quote = rest_.find('"');
            if (quote == std::string_view::npos) return wrong("a quote is opened and never closed");
            cell += rest_.substr(0, quote);
            rest_.remove_prefix(quote + 1);
            if (!take("\"")) return cell;
            cell += '"';
        }
    }

    [[nodiscard]] Error wrong(std::string_view what) const {
        return bad_file("row " + std::to_string(row_) + ": " + std::string(what));
    }

    std::string_view rest_;
    std::size_t row_ = 0;
};

Result<std::vector<const Column*>> read_header(const Cells& names) {
    std::vector<const Column*> header;
    for (const auto& cell : names) {
        const auto name = trim(cell);
        const auto found = std::ranges::find(columns, name, &Column::name);
        // The name is not repeated: without a header row it would be the first patient.
        if (found == columns.end())
            return bad_file("row 1 must name the columns, and cell " + std::to_string(header.size() + 1) +
                            " is not a field of a patient");
        if (std::ranges::find(header, &*found) != header.end())
            return bad_file("this column is there twice", std::string(name));
        header.push_back(&*found);
    }
    if (std::ranges::find(header, &columns.front()) == header.end())
        return bad_file("the file needs this column", std::string(columns.front().name));
    return header;
}

std::optional<bool> parse_flag(std::string_view text) {
    if (equals_ignoring_case(text, "true") || equals_ignoring_case(text, "yes")) return true;
    if (equals_ignoring_case(text, "false") || equals_ignoring_case(text, "no")) return false;
    return std::nullopt;
}

json::array split_list(std::string_view text) {
    json::array items;
    for (;;) {
        const auto end = text.find(';');
        if (const auto item = trim(text.substr(0, end)); !item.empty()) items.emplace_back(item);
        if (end == std::string_view::npos) return items;
        text.remove_prefix(end + 1);
    }
}

/// nullopt for a flag that is none.
std::optional<json::value> read_cell(CellKind kind, std::string_view text) {
    if (kind == CellKind::list) return split_list(text);
    if (kind == CellKind::text) return json::value(text);
    const auto flag = parse_flag(text);
    if (!flag) return std::nullopt;
    return json::value(*flag);
}

json::object& object_at(json::object& fields, std::string_view name) {
    auto& value = fields[name];
    return value.is_object() ? value.get_object() : value.emplace_object();
}

/// The row's fields, or its first fault.
Result<PatientRow> read_row(std::size_t number, const std::vector<const Column*>& header, const Cells& cells) {
    if (cells.size() != header.size())
        return bad_file("has " + std::to_string(cells.size()) + " cells; the header has " +
                        std::to_string(header.size()));
    PatientRow row;
    row.number = number;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto text = trim(cells[i]);
        if (text.empty()) continue;
        const Column& column = *header[i];
        auto value = read_cell(column.kind, text);
        if (!value) return bad_file("Must be true, false, yes or no.", std::string(column.name));
        auto& place = column.group.empty() ? row.fields : object_at(row.fields, column.group);
        place[column.field] = std::move(*value);
    }
    const auto* const id = row.fields.if_contains("patient_id");
    if (id == nullptr) return bad_file("Is required.", "patient_id");
    const std::string_view id_text = id->get_string();
    if (!is_valid_public_id(id_text)) return bad_file("Must be 1 to 64 letters, digits or . _ -", "patient_id");
    row.patient_id = PatientId(std::string(id_text));
    return row;
}

/// "caregiver.phone" is the column caregiver_phone, "medications[2]" the column medications.
std::string column_of(std::string field) {
    field = field.substr(0, field.find('['));
    std::ranges::replace(field, '.', '_');
    return field;
}

/// A sheet that says FALSE in every row of caregiver_authorised does not mean that everybody has a caregiver.
void drop_empty_caregiver(json::object& fields) {
    const auto* const caregiver = fields.if_contains("caregiver");
    if (caregiver == nullptr || !caregiver->is_object()) return;
    const auto& members = caregiver->get_object();
    const auto* const authorised = members.if_contains("authorised");
    if (members.size() == 1 && authorised != nullptr && !authorised->get_bool()) fields.erase("caregiver");
}

}  // namespace

std::span<const std::string_view> patient_csv_columns() noexcept {
    return column_names;
}

Result<PatientCsv> parse_patient_csv(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    if (!is_valid_utf8(text)) return bad_file("the file is not UTF-8");
    CsvReader reader(text);
    if (reader.at_end()) return bad_file("the file is empty; row 1 must name the columns");
    const auto names = reader.next();
    if (names.has_error()) return names.error();
    const auto header = read_header(*names);
    if (header.has_error()) return header.error();

    PatientCsv csv;
    std::map<std::string, std::size_t> row_of;  // by patient_id
    while (!reader.at_end()) {
        const auto cells = reader.next();
        if (cells.has_error()) return cells.error();
        const bool is_empty_line = cells->size() == 1 && cells->front().empty();
        if (is_empty_line) continue;
        if (csv.rows.size() + csv.faults.size() == patient_csv_rows_max)
            return Error{Errc::too_large, "more than " + std::to_string(patient_csv_rows_max) + " rows"};
        auto row = read_row(reader.row_number(), *header, *cells);
        if (row.has_error()) {
            csv.faults.push_back({reader.row_number(), row.error().field, row.error().detail});
            continue;
        }
        const auto [first, is_new] = row_of.try_emplace(row->patient_id.str(), row->number);
        if (!is_new) {
            csv.faults.push_back(
                {row->number, "patient_id", "The same patient as in row " + std::to_string(first->second) + "."});
            continue;
        }
        csv.rows.push_back(std::move(*row));
    }
    return csv;
}

Result<Patient> apply_row(const PatientRow& row, const Patient* stored) {
    json::object fields = stored == nullptr ? json::object{} : to_json(*stored);
    for (const auto& member : row.fields) {
        if (const auto* const group = member.value().if_object()) {
            auto& place = object_at(fields, member.key());
            for (const auto& inner : *group) place[inner.key()] = inner.value();
        } else {
            fields[member.key()] = member.value();
        }
    }
    drop_empty_caregiver(fields);
    auto patient = patient_from_json(fields);
    if (patient.has_error()) {
        auto error = patient.error();
        error.field = column_of(std::move(error.field));
        return error;
    }
    return patient;
}

}  // namespace carevoice::domain
