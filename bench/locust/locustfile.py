"""Gavel under Locust: users who all want one item, users who browse and bid, and ad auctions.

Pick the users by name, as in
``locust -f locustfile.py --headless -u 100 -r 10 -t 60s ContendedItemBidder --host=http://localhost:8080``.

A refused bid (409) and an auction that the limiter turned away (429) are answers of a server that works,
so they count as successes under a name of their own; a 503 or no answer is a failure.
"""

import os
import random
import uuid

from locust import HttpUser, between, constant_pacing, tag, task

ITEM = os.environ.get("ITEM", "contended")
ITEMS = int(os.environ.get("ITEMS", "10"))
# What anybody was last told to offer for an item: people at an auction hear each other's bids.
NEXT_BIDS = {}

SUPPLIES = os.environ.get("SUPPLIES", "supply1,supply2,supply3").split(",")


def note_next(item_id, told):
    """Answers may come in another order than that of the decisions: the price only rises."""
    NEXT_BIDS[item_id] = max(NEXT_BIDS.get(item_id, 0), told["minimum_next_bid"] or 0)


class Bidder(HttpUser):
    """One person with an id, who knows of each item what the last answer told."""

    abstract = True

    def on_start(self):
        self.user_id = f"user_{uuid.uuid4().hex[:12]}"

    def bid(self, item_id):
        """Offers the least that would do, sometimes more. Sends a bid without an answer once more."""
        amount = round(NEXT_BIDS.get(item_id, 0.01) + random.randint(0, 10) / 100, 2)
        key = uuid.uuid4().hex
        if not self.send_bid(item_id, amount, key):
            self.send_bid(item_id, amount, key)

    def send_bid(self, item_id, amount, key):
        """Whether the bid was answered with a decision."""
        with self.client.post(
            f"/api/v1/items/{item_id}/bid",
            json={"user_id": self.user_id, "amount": amount},
            headers={"Idempotency-Key": key},
            name="bid",
            timeout=2,
            catch_response=True,
        ) as response:
            if response.status_code not in (200, 409):
                response.failure(f"a bid was answered {response.status_code}")
                return False
            told = response.json()
            note_next(item_id, told)
            if response.status_code == 409:
                response.request_meta["name"] = "bid, refused"
            elif told["current_bid"] < amount or not told["event_id"]:
                response.failure(f"an accepted bid of {amount} shows {told['current_bid']}")
                return True
            response.success()
            return True


class ContendedItemBidder(Bidder):
    """Experiment 1: everybody bids on one item."""

    wait_time = between(0.01, 0.1)

    @task
    def bid_on_the_item(self):
        self.bid(ITEM)


class MixedWorkloadUser(Bidder):
    """The baseline of experiment 3: people who look more often than they bid."""

    wait_time = between(0.1, 0.5)

    def any_item(self):
        # One item is more wanted than the others.
        return f"item_{0 if random.random() < 0.3 else random.randrange(ITEMS)}"

    @tag("write")
    @task(5)
    def place_a_bid(self):
        self.bid(self.any_item())

    @tag("read")
    @task(4)
    def look_at_an_item(self):
        item_id = self.any_item()
        with self.client.get(f"/api/v1/items/{item_id}", name="item", catch_response=True) as answer:
            if answer.status_code == 200:
                note_next(item_id, answer.json())
                answer.success()

    @tag("read")
    @task(1)
    def read_a_history(self):
        if NEXT_BIDS:
            item_id = random.choice(list(NEXT_BIDS))
            self.client.get(f"/api/v1/items/{item_id}/bids?limit=20", name="history")


class AuctionUser(HttpUser):
    """An ad server that asks for auctions (seed 001)."""

    wait_time = constant_pacing(0.1)

    @task(20)
    def run_an_auction(self):
        with self.client.post(
            "/bid",
            json={
                "supply_id": random.choice(SUPPLIES),
                "ip": f"192.168.{random.randint(0, 255)}.{random.randint(1, 254)}",
                "country": "US",
                "tmax": 200,
            },
            name="auction",
            catch_response=True,
        ) as response:
            if response.status_code == 429:
                response.request_meta["name"] = "auction, over the limit"
                response.success()

    @task(1)
    def read_the_statistics(self):
        self.client.get("/stat", name="statistics")
