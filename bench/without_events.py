"""The alternative without events: FastAPI, SQLModel and asyncpg, one row a task, served by uvicorn.

Written as their documentation has it, without its slow habits: async engine, pool as large as needed, prepared
statements, no access log, nothing expired after a commit."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

T = TypeVar("T")


class ImageRequest(SQLModel):
    prompt: str = Field(min_length=1, max_length=4000)
    model: str = Field(max_length=200, regex=r"^[^/]+/[^/]+$")
    negativePrompt: str | None = None  # noqa: N815 - the contract's name
    resolution: str | None = None
    aspectRatio: str | None = None  # noqa: N815
    n: int | None = Field(default=None, ge=1, le=4)
    imageInputs: list[str] | None = None  # noqa: N815
    extraParams: dict[str, Any] | None = None  # noqa: N815
    projectId: str | None = None  # noqa: N815
    source: str | None = None
    sourceId: str | None = None  # noqa: N815


class Task(SQLModel, table=True):
    __tablename__ = "tasks"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    type: str
    status: str = "pending"
    model: str
    params: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    project_id: str | None = None
    source: str | None = None
    source_id: str | None = None
    result: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    created_at: datetime = Field(
        default_factory=lambda: datetime.now(UTC), sa_column=Column(TIMESTAMP(timezone=True), nullable=False)
    )
    updated_at: datetime = Field(
        default_factory=lambda: datetime.now(UTC), sa_column=Column(TIMESTAMP(timezone=True), nullable=False)
    )


class TaskCreated(SQLModel):
    task_id: UUID


class TaskView(SQLModel):
    id: UUID
    type: str
    status: str
    model: str
    params: dict[str, Any]
    project_id: str | None
    source: str | None
    source_id: str | None
    result: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime


class Envelope(BaseModel, Generic[T]):
    code: str = "200"
    message: str = "success"
    data: T


engine = create_async_engine(os.environ["BENCH_RIVAL_URL"], pool_size=32)
sessions = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)
app = FastAPI()


@app.post("/api/v1/generations/image")
async def generate(wanted: ImageRequest) -> Envelope[TaskCreated]:
    params = wanted.model_dump(exclude_none=True, exclude={"model", "projectId", "source", "sourceId"})
    task = Task(
        type="image",
        model=wanted.model,
        params=params,
        project_id=wanted.projectId,
        source=wanted.source,
        source_id=wanted.sourceId,
    )
    async with sessions() as session:
        session.add(task)
        await session.commit()
    return Envelope(data=TaskCreated(task_id=task.id))


@app.get("/api/v1/tasks/{task_id}")
async def get_task(task_id: UUID) -> Envelope[TaskView]:
    async with sessions() as session:
        task = await session.get(Task, task_id)
    if task is None:
        raise HTTPException(404, f"Task '{task_id}' not found")
    return Envelope(data=TaskView.model_validate(task, from_attributes=True))


async def create_tables() -> None:
    """Make the tables of this application in an empty database."""
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(create_tables())
    sys.stdout.write("true\n")
