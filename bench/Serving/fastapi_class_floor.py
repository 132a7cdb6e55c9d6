"""What a careful person writes by hand in Python for a model that is a class: FastAPI, no checks, no batching, no key, no log."""
import sys

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

sys.path.insert(0, sys.argv[2])
from model import Model

model = Model()
model.load(sys.argv[2])
app = FastAPI()


@app.post("/serve/dev/predict/" + sys.argv[3])
async def predict(request: Request):
    body = await request.json()
    return JSONResponse({"outputs": model.predict(body["inputs"])})


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="critical", access_log=False)
