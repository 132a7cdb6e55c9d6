import os
import unittest

from model import Model

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class RulesTest(unittest.TestCase):
    def setUp(self):
        self.model = Model()
        self.model.load(HERE)

    def decide(self, **transaction):
        plain = {"amount": 10, "country": "DE", "hour": 12, "card_age_days": 900}
        return self.model.predict({"transactions": [{**plain, **transaction}]})["decisions"][0]

    def test_a_plain_payment_is_allowed(self):
        self.assertEqual(self.decide(), {"decision": "allow", "score": 0, "reasons": []})

    def test_an_amount_below_zero_is_the_callers_mistake(self):
        with self.assertRaisesRegex(ValueError, "amount"):
            self.decide(amount=-1)
