"""
The text of a dump, cut into sections however it comes, and into statements.
"""

from __future__ import annotations

import random

import pytest
from canarypolicy.backups.dump_text import DumpDigest, WithoutEvents, differences, statements_of

DUMP = rb"""/*M!999999\- enable the sandbox mode */
-- MariaDB dump 10.19
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------
-- Server version	10.11

/*!40101 SET NAMES utf8mb4 */;

--
-- Table structure for table `orders`
--

CREATE TABLE `orders` (
  `id` int
);

--
-- Dumping data for table `orders`
--

INSERT INTO `orders` VALUES
(1,'-- no\ncomment'),
(2,'x');
ALTER DATABASE `sh``op` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ;
DELIMITER ;;
CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW BEGIN
-- a comment; of the trigger
SET NEW.id = 1; END ;;
DELIMITER ;

--
-- Dumping events for database 'shop'
--
/*!50106 DROP EVENT IF EXISTS `sweep` */;
DELIMITER ;;
/*!50106 EVENT `sweep` DO DELETE FROM orders */ ;;
DELIMITER ;

--
-- Dumping routines for database 'shop'
--

-- Dump completed on 2026-11-24 12:40:33
"""


def chunked(data: bytes, seed: int):
    chance, at = random.Random(seed), 0
    while at < len(data):
        size = chance.choice([1, 2, 5, 16, 40, 300])
        yield data[at : at + size]
        at += size


def digest_of(data: bytes, seed: int = 0) -> DumpDigest:
    digest = DumpDigest()
    for chunk in chunked(data, seed):
        digest.see(chunk)
    return digest


def test_how_the_text_comes_in_makes_no_difference():
    """The same sections, the same events kept aside, wherever it is cut."""
    expected, found = digest_of(DUMP).close(), set()
    for seed in range(300):
        aside = WithoutEvents()
        found.add((b"".join(aside.chunks(chunked(DUMP, seed))), bytes(aside.events)))
        digest = digest_of(DUMP, seed)
        assert digest.close() == expected
        assert digest.is_complete
    ((rest, events),) = found
    assert events == DUMP[DUMP.index(b"/*!50106 DROP") : DUMP.index(b"--\n-- Dumping routines")]
    assert b"sweep" not in rest
    assert b"-- a comment; of the trigger\n" in rest
    assert b"ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ;\n" in rest


def test_the_sections_are_those_of_the_dump_without_its_header():
    assert list(digest_of(DUMP).close()) == [
        "Table structure for table `orders`",
        "Dumping data for table `orders`",
        "Dumping events",
        "Dumping routines",
    ]


@pytest.mark.parametrize(
    ("change", "section"),
    [
        ((b"(2,'x')", b"(2,'y')"), ("Dumping data for table `orders`",)),
        ((b"`id` int", b"`id` int(1)"), ("Table structure for table `orders`",)),
        ((b"-- a comment;", b"-- another;"), ("Dumping data for table `orders`",)),
        ((b"-- Table structure for table `orders`", b"-- Table structure for table `older`"),
         ("Table structure for table `older`", "Table structure for table `orders`")),
        ((b"DELETE FROM", b"DELETE QUICK FROM"), ()),
        ((b"`sh``op`", b"`another`"), ()),
        ((b"12:40:33", b"13:00:00"), ()),
        ((b"localhost", b"elsewhere"), ()),
    ],
    ids=["a row", "a definition", "a trigger's comment", "a table", "an event", "the schema's name", "the time", "the host"],
)  # fmt: skip
def test_a_difference_is_found_in_its_section(change, section):
    """What an event does is not compared: events are made last, from the backup's own text."""
    assert differences(digest_of(DUMP).close(), digest_of(DUMP.replace(*change)).close()) == section


@pytest.mark.parametrize("cut", [1, 20, 45, 400])
def test_a_text_that_ends_early_is_not_complete(cut):
    digest = digest_of(DUMP[:-cut] if cut > 1 else DUMP + b"INSERT INTO x VALUES (1);\n")
    digest.close()
    assert not digest.is_complete or cut == 20  # the time at the end may lack


def test_sql_is_cut_into_its_statements():
    text = (
        b"SET a = ';\n', b = \"x;'\", `c;` = 1; -- a comment; here\n/*!50001 SET d = 'x;y' */;\n\n"
        b"DELIMITER ;;\nCREATE PROCEDURE p() BEGIN\nSELECT 1; -- one;;two\nEND ;;\nSET e = 1 ;;\nDELIMITER ;\nSET f = 'it''s \\' ;';\n"
    )
    assert [each.split(b"\n")[-1] for each in statements_of(text)] == [
        b"', b = \"x;'\", `c;` = 1",
        b"/*!50001 SET d = 'x;y' */",
        b"END",
        b"SET e = 1",
        b"SET f = 'it''s \\' ;'",
    ]
