"""Graphs of nodes and edges, such as the layers of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.errors import UsageError
from tracklab.media.value import Media
from tracklab.records.encode import encode_object

if TYPE_CHECKING:
    from tracklab.media.value import Place

__all__ = ["Edge", "Graph", "Node"]


class Node:
    """A node of a graph.

    Args:
        id: unique in the graph.
        attributes: what else is known of it, such as `name`, `class_name`, `size`,
            `parameters`, `output_shape`, `is_output` and `num_parameters`; attributes of the node.
    """

    def __init__(self, id: Any = None, **attributes: Any) -> None:  # noqa: A002 - wandb's signature
        self.name = attributes.pop("name", None)
        self.id = id
        self.__dict__.update(attributes)

    def attributes(self) -> dict[str, Any]:
        """Return what is known of it."""
        return {name: value for name, value in self.__dict__.items() if value is not None}


class Edge:
    """An edge from one node to another."""

    def __init__(self, from_node: Node, to_node: Node) -> None:
        self.from_node = from_node
        self.to_node = to_node


class Graph(Media):
    """A graph to log: add nodes and edges, then `run.log({"model": graph})`.

    Args:
        format: what it is a graph of.
    """

    _type = "graph-file"
    _folder = "graph"

    def __init__(self, format: str = "keras") -> None:  # noqa: A002 - as above
        super().__init__()
        self.format = format
        self.nodes: list[Node] = []
        self.nodes_by_id: dict[Any, Node] = {}
        self.edges: list[Edge] = []
        self._ending = ".graph.json"

    def __getitem__(self, node_id: Any) -> Node:
        return self.nodes_by_id[node_id]

    def add_node(self, node: Node | None = None, **node_kwargs: Any) -> Node:
        """Add a node, or one made of `node_kwargs`, and return it.

        Raises:
            UsageError: both are given.
        """
        if node is not None and node_kwargs:
            raise UsageError(
                "Only pass one of either node or other keyword arguments; add_node() got a node "
                f"and {sorted(node_kwargs)}."
            )
        node = node or Node(**node_kwargs)
        self.nodes.append(node)
        self.nodes_by_id[node.id] = node
        return node

    def add_edge(self, from_node: Node, to_node: Node) -> Edge:
        """Add an edge and return it."""
        edge = Edge(from_node, to_node)
        self.edges.append(edge)
        return edge

    def to_record(self, place: Place | None = None) -> dict[str, Any]:
        """Return the record that stands for it in a row; its file is written by then."""
        described = {
            "format": self.format,
            "nodes": [node.attributes() for node in self.nodes],
            "edges": [[edge.from_node.id, edge.to_node.id] for edge in self.edges],
        }
        self._content, self._kept = encode_object(described), None  # it may have grown since
        return super().to_record(place)
