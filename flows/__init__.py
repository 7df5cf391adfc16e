"""The rooms that know Prefect: the flow, its tasks, schedules, and the `nianbao` command."""
