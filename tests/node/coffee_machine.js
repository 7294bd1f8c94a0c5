// A coffee machine served by Eclipse Thingweb node-wot, a W3C WoT implementation that nobody here wrote.
// Usage: node coffee_machine.js      Prints "READY <address of its Thing Description>" and serves until it is stopped.
"use strict";

const { Helpers, Servient } = require("@node-wot/core");
const { HttpServer } = require("@node-wot/binding-http");

const HOST = "127.0.0.1";
const WATER_PER_DRINK = { espresso: 4, americano: 12, cappuccino: 8, cocoa: 10 };
const SIZES = ["small", "medium", "large"];
const SLOWEST_DRINK = "cocoa"; // Melts its chocolate for an hour.
const HOUR_IN_MILLISECONDS = 3_600_000;

const machine = {
    title: "Corner Coffee Machine",
    description: "Makes hot drinks in three sizes.",
    securityDefinitions: { nosec_sc: { scheme: "nosec" } },
    security: "nosec_sc",
    properties: {
        allAvailableResources: {
            title: "Supplies",
            description: "How full the containers are, in percent.",
            type: "object",
            properties: {
                water: { title: "Water", type: "integer", minimum: 0, maximum: 100 },
                beans: { title: "Coffee beans", type: "integer", minimum: 0, maximum: 100 },
            },
            readOnly: true,
        },
        maintenanceNeeded: {
            title: "Maintenance needed",
            description: "Whether the machine has to be looked after.",
            type: "boolean",
            readOnly: true,
        },
        servedDrinks: {
            title: "Drinks served",
            description: "Everything that was asked for since the start, in order.",
            type: "array",
            items: { type: "object" },
            readOnly: true,
        },
    },
    actions: {
        makeDrink: {
            title: "Make a drink",
            description: "Makes drinks of one kind and size.",
            uriVariables: {
                drinkId: { type: "string", enum: Object.keys(WATER_PER_DRINK), description: "The kind of drink." },
                size: { type: "string", enum: SIZES, description: "The size of each drink." },
                quantity: { type: "integer", minimum: 1, maximum: 5, description: "How many drinks to make." },
            },
            output: {
                type: "object",
                properties: { result: { type: "boolean" }, message: { type: "string" } },
                required: ["result"],
            },
            synchronous: true,
        },
        "rinse-nozzle": {
            title: "Rinse the nozzle",
            description: "Cleans the milk nozzle with hot water.",
            idempotent: true,
        },
    },
};

async function main() {
    Helpers.setStaticAddress(HOST);
    const servient = new Servient();
    servient.addServer(new HttpServer({ port: 0, address: HOST }));
    const wot = await servient.start();
    const thing = await wot.produce(machine);

    const served = [];
    const supplies = { water: 100, beans: 100 };
    thing.setPropertyReadHandler("allAvailableResources", async () => supplies);
    thing.setPropertyReadHandler("maintenanceNeeded", async () => supplies.water < 20);
    thing.setPropertyReadHandler("servedDrinks", async () => served);

    thing.setActionHandler("makeDrink", async (_, options) => {
        // As node-wot hands them over: it has checked nothing.
        const order = { ...options?.uriVariables };
        served.push(order);
        if (order.drinkId === SLOWEST_DRINK) {
            await new Promise((resolve) => setTimeout(resolve, HOUR_IN_MILLISECONDS).unref());
        }
        const drinks = order.quantity ?? 1;
        supplies.water -= drinks * (WATER_PER_DRINK[order.drinkId] ?? 0);
        supplies.beans -= drinks;
        return { result: true, message: `${drinks} on the tray` };
    });
    thing.setActionHandler("rinse-nozzle", async () => {
        served.push({ rinsed: true });
        return undefined;
    });

    await thing.expose();
    const form = thing.getThingDescription().actions.makeDrink.forms[0];
    console.log(`READY ${form.href.replace(/\/actions\/.*/, "")}`);
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
