// SPDX-License-Identifier: LGPL-2.1-or-later
// Stands in for <qpdf/JSON.hh> where the compiler is clang, see meson.build.

#pragma once

class JSON;
