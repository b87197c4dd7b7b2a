-- Who owns and who uses the directories of the tests.
CREATE ROLE shop_owner LOGIN;
CREATE ROLE shop_reader LOGIN;
CREATE ROLE "shop ""clerk""" LOGIN;
