"""Graphs of nodes and edges, such as the layers of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.media.value import Media
from tracklab.records.encode import encode_object

if TYPE_CHECKING:
    from typing_extensions import Self

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

    @classmethod
    def from_keras(cls, model: Any) -> Self:
        """Return the graph of a Keras model: its layers, and what each takes from which.

        Of a model that says only in code what its layers do, there are no edges.

        Raises:
            ArgumentTypeError: it has no layers.
        """
        if not hasattr(model, "layers"):
            raise ArgumentTypeError(
                f"Graph.from_keras() takes a Keras model; got a {type(model).__name__}. Give what "
                "keras.Model() or keras.Sequential() returns."
            )
        graph = cls("keras")
        flow = getattr(model, "_functional", model)  # what a Sequential is, once it is built
        for layer in getattr(flow, "operations", model.layers):
            graph.add_node(_of_layer(layer))
        by_depth = getattr(flow, "_nodes_by_depth", {})
        for depth in sorted(by_depth, reverse=True):
            for step in by_depth[depth]:
                for before in step.parent_nodes:
                    if before.operation.name in graph.nodes_by_id:
                        graph.add_edge(graph[before.operation.name], graph[step.operation.name])
        return graph

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
        self._describe()
        return super().to_record(place)

    def _digest(self) -> str:
        self._describe()
        return super()._digest()

    def _describe(self) -> None:
        described = {
            "format": self.format,
            "nodes": [node.attributes() for node in self.nodes],
            "edges": [[edge.from_node.id, edge.to_node.id] for edge in self.edges],
        }
        self._content, self._kept = encode_object(described), None  # it may have grown since


def _of_layer(layer: Any) -> Node:
    """Return the node of a layer; of one that was never called nobody knows the shape."""
    try:
        shape = list(layer.output.shape)
    except (AttributeError, ValueError):  # several outputs, or none yet
        shape = None
    counted = getattr(layer, "built", False) and hasattr(layer, "count_params")
    return Node(
        id=layer.name, name=layer.name, class_name=type(layer).__name__, output_shape=shape,
        num_parameters=layer.count_params() if counted else None,
    )  # fmt: skip
