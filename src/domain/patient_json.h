// A patient as the HTTP API and the CSV import write one: strict both ways.
#pragma once

#include "core/error.h"
#include "domain/patient.h"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace carevoice::domain {

/// Reads the body of POST and PUT /patients. Required: patient_id, first_name, last_name, date_of_birth, phone; an
/// optional field may be missing or null. Holds `validate` too, so the result is fit to store.
/// Errc::invalid_input with `field` naming the first fault ("caregiver.phone"); unknown fields are faults.
Result<Patient> patient_from_json(const boost::json::value& body);

/// The whole patient, `opted_out` included: what patient_from_json reads back to the same value.
boost::json::object to_json(const Patient& patient);

/// For lists: who and what operation, without date of birth, phone, medicines or contacts.
boost::json::object to_partial_json(const Patient& patient);

}  // namespace carevoice::domain
