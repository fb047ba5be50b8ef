"""Hands in one order for ever: a retry loop that never leaves. Verdict: one that says which limit it ran into, within 30 s and 200 MB."""
from hostile import World, seconds, time_is_left
limit, world = seconds(300), World()
order = {"order_id": "order-1000", "customer_id": "customer-1", "product": "lamp", "quantity": 1, "price_cents": 150}
while time_is_left(limit):
    if not world.call("process", order):
        break
